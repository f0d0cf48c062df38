/** The run that a form would start, as commands to copy. */

import { Copy } from "../design/copy";
import { t } from "../i18n";
import { cliOf, curlOf, pythonOf, type Run } from "./commands";
import type { Filled, Input } from "./inputs";

type Props = { address: string; run: Run; inputs: readonly Input[]; filled: Filled };

export function Copies({ address, run, inputs, filled }: Props) {
  const cli = cliOf(run, inputs, filled);
  return (
    <div className="run-copies">
      <Copy text={curlOf(address, inputs, filled)} label={t("run.curl")} />
      <Copy text={pythonOf(run, inputs, filled)} label={t("run.python")} />
      {cli && <Copy text={cli} label={t("run.cli")} />}
    </div>
  );
}
