import { Zip, ZipPassThrough } from "fflate";

/** The most bytes of a zip without the format's extension for larger ones. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/**
 * A zip of pictures, which are stored as they are. Two of one name are told apart by a number.
 *
 * @throws {RangeError} it would be too large.
 */
export async function zipOf(
  files: readonly { readonly name: string; readonly blob: Blob }[],
): Promise<Blob> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  if (total > MOST_BYTES || files.length >= 65_535) {
    throw new RangeError(
      "One zip holds at most 4 GB and 65,534 pictures: save some of them first.",
    );
  }
  const parts: Blob[] = [];
  const zip = new Zip((error, data) => {
    if (error) throw error;
    parts.push(new Blob([data as Uint8Array<ArrayBuffer>])); // so that the browser may put it aside
  });
  const taken = new Set<string>();
  for (const { name, blob } of files) {
    const entry = new ZipPassThrough(freeName(name, taken));
    zip.add(entry);
    entry.push(new Uint8Array(await blob.arrayBuffer()), true);
  }
  zip.end();
  return new Blob(parts, { type: "application/zip" });
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) {
    free = name.replace(/(\.[^.]*)?$/, `-${number}$1`);
  }
  taken.add(free.toLowerCase());
  return free;
}
