/** A flow that is not there yet, of a namespace that comes from Git: proposed instead of saved. */

import { Alert, Button } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useHome } from "../../changes/origin";
import { ProposeDialog } from "../../changes/propose-dialog";
import { t } from "../../i18n";

const fieldOf = (text: string, name: string) =>
  new RegExp(`^${name}:[ \\t]*["']?([\\w.-]+)`, "m").exec(text)?.[1] ?? "";

type Props = { text: string; onDone: () => void };

export function ProposeNew({ text, onDone }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const [namespace] = useDebouncedValue(fieldOf(text, "namespace"), 300);
  const home = useHome(namespace, true).data;
  const id = fieldOf(text, "id");
  if (!home || !id) return null;
  return (
    <>
      <Alert color="ink" title={t("propose.newHint", { namespace, binding: home.binding })}>
        <Button variant="default" onClick={open}>
          {t("propose.new", { binding: home.binding })}
        </Button>
      </Alert>
      <ProposeDialog
        origin={home}
        file={{ kind: "FLOW", key: `${namespace}/${id}`, base: "", text }}
        opened={opened}
        onClose={close}
        onDone={() => {
          close();
          onDone();
        }}
      />
    </>
  );
}
