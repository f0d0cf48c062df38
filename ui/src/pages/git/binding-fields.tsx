/** The fields of a binding: which folder becomes what, and what a sync may do. */

import { Autocomplete, Checkbox, Fieldset, Group, Stack, TagsInput } from "@mantine/core";
import { t } from "../../i18n";
import { type BindingValues, KINDS } from "./binding-values";
import { contentOf, foldersOf } from "./folders";
import { ChoiceField, type Form, NumberField, SwitchField, TextField } from "./form-fields";

const EDIT_MODES = ["LOCKED", "OVERWRITE", "BLOCK"] as const;
const LAYOUTS = ["declared", "namespace-first", "tree"] as const;

type Props = {
  form: Form<BindingValues>;
  isNew: boolean;
  /** The files of the repository, where a test has found them. */
  files?: readonly string[];
};

export function BindingFields({ form, isNew, files }: Props) {
  return (
    <Stack gap={12}>
      <Group grow align="start">
        <Folder form={form} files={files} />
        <TextField
          form={form}
          name="namespace"
          label="column.namespace"
          placeholder="company.team"
          hint="git.namespaceHint"
        />
      </Group>
      <Group grow align="start">
        <ChoiceField
          form={form}
          name="layout"
          label="git.layout"
          hint="git.layoutHint"
          data={LAYOUTS.map((value) => ({ value, label: t(`git.layout.${value}`) }))}
        />
        <TextField
          form={form}
          name="name"
          label="git.bindingName"
          hint="git.bindingNameHint"
          disabled={!isNew}
        />
      </Group>
      <Kinds form={form} />
      <ChoiceField
        form={form}
        name="editMode"
        label="git.editMode"
        data={EDIT_MODES.map((value) => ({ value, label: t(`git.editMode.${value}`) }))}
      />
      <Group grow align="start">
        <SwitchField form={form} name="automated" label="git.automated" />
        <SwitchField form={form} name="prune" label="git.prune" />
      </Group>
      <details>
        <summary>{t("git.more")}</summary>
        <More form={form} />
      </details>
    </Stack>
  );
}

/** A folder of the repository, and what lies in it. */
function Folder({ form, files }: Pick<Props, "form" | "files">) {
  const { path } = form.values;
  if (!files) {
    return (
      <TextField form={form} name="path" label="git.path" placeholder="flows" hint="git.pathHint" />
    );
  }
  return (
    <div>
      <Autocomplete
        label={t("git.path")}
        description={t("git.pathHint")}
        placeholder="flows"
        data={foldersOf(files)}
        limit={50}
        value={path}
        error={form.errors.path}
        onChange={(value) => form.change({ path: value })}
      />
      <p className="muted" role="status">
        {t("git.holds", contentOf(files, path))}
      </p>
    </div>
  );
}

function Kinds({ form }: { form: Form<BindingValues> }) {
  return (
    <Checkbox.Group
      label={t("git.kinds")}
      description={t("git.kindsHint")}
      value={form.values.kinds}
      error={form.errors.kinds}
      onChange={(kinds) => form.change({ kinds })}
    >
      <Group mt={4}>
        {KINDS.map((kind) => (
          <Checkbox key={kind} value={kind} label={t(`git.kinds.${kind}`)} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

function More({ form }: { form: Form<BindingValues> }) {
  return (
    <Stack gap={12} mt={8}>
      <Group grow align="start">
        <SwitchField form={form} name="selfHeal" label="git.selfHeal" />
        <SwitchField form={form} name="adopt" label="git.adopt" />
      </Group>
      <Group grow align="start">
        <SwitchField form={form} name="requireApproval" label="git.requireApproval" />
        <SwitchField form={form} name="directCommit" label="git.directCommit" />
      </Group>
      <ChoiceField
        form={form}
        name="onInvalid"
        label="git.onInvalid"
        data={(["FAIL", "QUARANTINE"] as const).map((value) => ({
          value,
          label: t(`git.onInvalid.${value}`),
        }))}
      />
      <Fieldset legend={t("git.deleting")} disabled={!form.values.prune}>
        <Stack gap={12}>
          <Group grow align="start">
            <NumberField
              form={form}
              name="maxDeletePercent"
              label="git.maxDeletePercent"
              min={0}
              max={100}
            />
            <NumberField form={form} name="maxDeletes" label="git.maxDeletes" min={0} />
          </Group>
          <SwitchField form={form} name="allowEmpty" label="git.allowEmpty" />
          <TagsInput
            label={t("git.protected")}
            value={form.values.protected}
            error={form.errors.protected}
            onChange={(namespaces) => form.change({ protected: namespaces })}
          />
        </Stack>
      </Fieldset>
      <Group grow align="start">
        <SwitchField form={form} name="previews" label="git.previews" />
        <NumberField form={form} name="previewHours" label="git.previewHours" min={1} max={2000} />
      </Group>
    </Stack>
  );
}
