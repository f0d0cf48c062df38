/** An example as the next item of the list that the cursor stands in. */

/** `example` is a map whose keys begin at the margin; an id that is taken gets a number. */
export function asItem(example: string, text: string, line: number): string {
  const lines = text.split("\n").slice(0, line).reverse();
  const near = lines.find((one) => /^\s*- /.test(one));
  const indent = " ".repeat(near ? near.search(/\S/) : 2);
  return fresh(example, text)
    .split("\n")
    .map((one, n) => `${indent}${n === 0 ? "- " : "  "}${one}`)
    .join("\n");
}

function fresh(example: string, text: string): string {
  const [, id] = /^id:\s*(\S+)/.exec(example) ?? [];
  if (!id) return example;
  const isTaken = (name: string) => new RegExp(`\\bid:\\s*["']?${name}["']?\\s*[,}\\n]`).test(text);
  let name = id;
  for (let n = 2; isTaken(name); n++) name = `${id}-${n}`;
  return example.replace(id, name);
}
