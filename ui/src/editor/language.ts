/** What the editor knows of the flow language: the one file that knows monaco-yaml. */

import { configureMonacoYaml, type MonacoYaml } from "monaco-yaml";
import { monaco } from "./monaco";

let language: MonacoYaml | null = null;

/** Makes documents whose path ends in `.flow.yaml` complete, hover and check by a JSON Schema. */
export async function applyFlowSchema(schema: object | null): Promise<void> {
  const options = {
    enableSchemaRequest: false,
    hover: true,
    completion: true,
    validate: true,
    format: { enable: true },
    schemas: schema
      ? [{ uri: "trunkline://flow", fileMatch: ["**/*.flow.yaml"], schema: schema as never }]
      : [],
  };
  if (language) await language.update(options);
  else language = configureMonacoYaml(monaco, options);
}
