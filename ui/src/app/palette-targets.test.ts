import { expect, test } from "vitest";
import { actionsHere, askedOf, placesLike } from "./palette-targets";

test("the first sign says what is meant", () => {
  expect(askedOf("# 4vY0")).toEqual({ meant: "executions", text: "4vY0" });
  expect(askedOf("@company")).toEqual({ meant: "namespaces", text: "company" });
  expect(askedOf(":a41f9c2")).toEqual({ meant: "commits", text: "a41f9c2" });
  expect(askedOf("load # 2")).toEqual({ meant: "all", text: "load # 2" });
});

test("after > there are actions only, without it pages come first", () => {
  const kinds = (typed: string) => [...new Set(placesLike(askedOf(typed)).map(({ kind }) => kind))];

  expect(kinds(">")).toEqual(["Action"]);
  expect(kinds("flow")).toEqual(["Page", "Action"]);
  expect(kinds("#flow")).toEqual([]);
});

test("what the head of the page offers comes as actions, and is pressed when it is chosen", () => {
  document.body.innerHTML = `<header class="page-head"><div class="actions">
    <button>Run</button><button disabled>Restart</button><button>Kill</button></div></header>`;
  const pressed: string[] = [];
  for (const button of document.querySelectorAll("button"))
    button.addEventListener("click", () => pressed.push(button.textContent ?? ""));

  const [run, ...others] = actionsHere(askedOf(">ru"));
  if (typeof run?.to === "function") run.to();

  expect(run?.title).toBe("Run");
  expect(others).toEqual([]);
  expect(pressed).toEqual(["Run"]);
  expect(actionsHere(askedOf("#run"))).toEqual([]);
  expect(actionsHere(askedOf(">")).map(({ title }) => title)).toEqual(["Run", "Kill"]);
});
