import { expect, test } from "vitest";
import { bindingYaml } from "./as-yaml";
import { NEW_BINDING } from "./binding-values";

test("a binding's file says what is not as by default", () => {
  const values = { ...NEW_BINDING, name: "prod", path: "flows", prune: true, kinds: ["FLOW"] };

  expect(bindingYaml(values, "team")).toBe(
    "kind: GitBinding\nname: prod\nsource: team\npath: flows\nkinds:\n  - FLOW\nprune: true\n",
  );
});
