import IntlMessageFormat from "intl-messageformat";
import { expect, test } from "vitest";
import { texts } from ".";

test("every text is a message that can be shown", () => {
  const broken = Object.entries(texts).filter(([, text]) => {
    try {
      return !new IntlMessageFormat(text, "en").getAst();
    } catch {
      return true;
    }
  });

  expect(broken).toEqual([]);
});
