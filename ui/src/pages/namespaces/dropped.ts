/** The files of a drop, those within dropped folders too, each with its path below the drop. */

export type Given = { file: File; path: string };

export const givenOf = (files: readonly File[]): Given[] =>
  files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Has to be called while the drop is handled: afterwards the browser forgets what it holds. */
export function droppedOf(data: DataTransfer): Promise<Given[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) {
    return Promise.resolve(givenOf([...data.files]));
  }
  return Promise.all(entries.map((entry) => (entry ? within(entry, "") : []))).then((found) =>
    found.flat(),
  );
}

async function within(entry: FileSystemEntry, above: string): Promise<Given[]> {
  const path = `${above}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [{ file, path }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Given[] = [];
  for (;;) {
    // a reader gives a hundred at a time, and none once all were given
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (part.length === 0) return found;
    for (const inner of part) found.push(...(await within(inner, `${path}/`)));
  }
}
