/** The folders of a repository to choose from, and what one of them would bring. */

/** Every folder that holds files, at any depth, by name. */
export function foldersOf(files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const parts = file.split("/").slice(0, -1);
    parts.forEach((_, n) => {
      found.add(parts.slice(0, n + 1).join("/"));
    });
  }
  return [...found].sort();
}

/** How many YAML files, which may be flows, and other files lie in a folder. */
export function contentOf(
  files: readonly string[],
  folder: string,
): { yaml: number; other: number } {
  const root = folder.replace(/^\/+|\/+$/g, "");
  const inside = files.filter((file) => root === "" || file.startsWith(`${root}/`));
  const yaml = inside.filter((file) => /\.ya?ml$/.test(file)).length;
  return { yaml, other: inside.length - yaml };
}
