/** Tags of a secret as people write them: `team:data, stage:prod`. */

export type Tag = { key: string; value: string };

export const tagsText = (tags: readonly Tag[] = []): string =>
  tags.map(({ key, value }) => `${key}:${value}`).join(", ");

/** A part without a value is left out. */
export function tagsIn(text: string): Tag[] {
  return text
    .split(",")
    .map((part) => part.split(":"))
    .map(([key = "", ...value]) => ({ key: key.trim(), value: value.join(":").trim() }))
    .filter(({ key, value }) => key !== "" && value !== "");
}
