/** A file that a person gave, and its place below the folder that was given. */
export interface GivenFile {
  /** Such as "summer/beach.jpg". */
  readonly name: string;
  readonly file: File;
}

/** The files that were dropped, those in folders too. To be called while the event is told of. */
export async function droppedFiles(transfer: DataTransfer | null): Promise<GivenFile[]> {
  const items = [...transfer?.items ?? []].filter(({ kind }) => kind === "file");
  // The list is empty once the event is over: all entries are taken before the first is read.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found: GivenFile[] = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push({ name: entry.name, file: entry });
    else if (entry?.isDirectory) await addFolder(entry as FileSystemDirectoryEntry, "", found);
    else if (entry) found.push(await fileOf(entry as FileSystemFileEntry, ""));
  }
  return found;
}

/** The files of an input; those of a folder have their place below it. */
export function chosenFiles(files: FileList | null): GivenFile[] {
  return [...files ?? []].map((file) => ({
    name: file.webkitRelativePath.split("/").slice(1).join("/") || file.name,
    file,
  }));
}

/** The name of the folder that an input or a drop gave, where it gave one. */
export function folderOf(transfer: DataTransfer | FileList | null): string {
  if (transfer instanceof FileList) return transfer[0]?.webkitRelativePath.split("/")[0] ?? "";
  const entry = transfer?.items[0]?.webkitGetAsEntry?.();
  return entry?.isDirectory ? entry.name : "";
}

async function addFolder(
  folder: FileSystemDirectoryEntry,
  above: string,
  found: GivenFile[],
): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) return; // it comes in parts
    for (const entry of some) {
      if (entry.isDirectory) {
        await addFolder(entry as FileSystemDirectoryEntry, `${above}${entry.name}/`, found);
      } else found.push(await fileOf(entry as FileSystemFileEntry, above));
    }
  }
}

async function fileOf(entry: FileSystemFileEntry, above: string): Promise<GivenFile> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return { name: above + entry.name, file };
}
