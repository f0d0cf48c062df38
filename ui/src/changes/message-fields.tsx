/** What a commit says, where it goes, and whether a pull request is opened. */

import { Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { t } from "../i18n";

export type How = "pull" | "push" | "direct";
export type Wanted = { title: string; body: string; branch: string; how: How };

/** A subject longer than this is cut by most tools. */
export const SUBJECT = 72;

type Props = {
  wanted: Wanted;
  onChange: (wanted: Wanted) => void;
  target: string;
  isDirectAllowed: boolean;
  /** Branches that the repository has: a new one needs another name. */
  taken: readonly string[];
};

export function MessageFields({ wanted, onChange, target, isDirectAllowed, taken }: Props) {
  const set = (part: Partial<Wanted>) => onChange({ ...wanted, ...part });
  const length = wanted.title.length;
  const ways: How[] = isDirectAllowed ? ["pull", "push", "direct"] : ["pull", "push"];
  return (
    <Stack gap={12}>
      <TextInput
        label={t("propose.subject")}
        description={t("propose.counter", { length, most: SUBJECT })}
        error={length > SUBJECT && t("propose.tooLong", { most: SUBJECT })}
        required
        maxLength={200}
        value={wanted.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <Textarea
        label={t("propose.body")}
        autosize
        minRows={2}
        value={wanted.body}
        onChange={(event) => set({ body: event.currentTarget.value })}
      />
      <Radio.Group
        label={t("propose.how")}
        value={wanted.how}
        onChange={(how) => set({ how: how as How })}
      >
        <Stack gap={4} mt={4}>
          {ways.map((how) => (
            <Radio key={how} value={how} label={t(`propose.how.${how}`, { target })} />
          ))}
        </Stack>
      </Radio.Group>
      {wanted.how !== "direct" && (
        <TextInput
          label={t("git.branch")}
          description={t("propose.branchHint")}
          placeholder={t("propose.branchExample")}
          error={taken.includes(wanted.branch.trim()) && t("propose.branchTaken")}
          maxLength={200}
          value={wanted.branch}
          onChange={(event) => set({ branch: event.currentTarget.value })}
        />
      )}
    </Stack>
  );
}
