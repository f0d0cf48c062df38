/** Saves the flows of a file, YAML or ZIP; the ones that are refused are told, the others stand. */

import { Button, FileButton } from "@mantine/core";
import { call } from "../../api/client";
import { useAct } from "../../design/receipt";
import { t } from "../../i18n";

export function ImportButton() {
  const act = useAct({
    act: async (file: File) => {
      const body = new FormData();
      body.append("fileUpload", file, file.name);
      const refused = await call<string[]>("POST", "/flows/import", { body });
      if (refused.length > 0) {
        throw new Error(t("flows.refused", { count: refused.length, names: refused.join(", ") }));
      }
      return file.name;
    },
    done: (name) => t("flows.imported", { name }),
    stale: [["flows"]],
  });
  return (
    <FileButton accept=".yaml,.yml,.zip" onChange={(file) => file && act.mutate(file)}>
      {(props) => (
        <Button {...props} variant="default" loading={act.isPending}>
          {t("flows.import")}
        </Button>
      )}
    </FileButton>
  );
}
