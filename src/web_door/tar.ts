/** Archives are made of blocks of so many bytes (POSIX.1-1988, ustar). */
const BLOCK_BYTES = 512;

/** A file in an archive. */
interface TarFile {
  /** With "/" between folders; at most 100 bytes, of ASCII. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** The size of an archive of these files, in bytes. */
export function tarBytes(files: readonly TarFile[]): number {
  const blocks = files.reduce((sum, { sizeBytes }) => sum + 1 + blocksOf(sizeBytes), 2);
  return blocks * BLOCK_BYTES;
}

/** What stands before a file's bytes. @throws {RangeError} where its name is too long. */
export function tarHead({ name, sizeBytes }: TarFile): Uint8Array {
  const head = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, text: string) => head.set(new TextEncoder().encode(text), at);
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) {
    throw new RangeError(`${name} is no name for an archive.`);
  }
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0"); // user
  put(116, "0000000\0"); // group
  if (sizeBytes < 8 ** 11) put(124, sizeBytes.toString(8).padStart(11, "0") + "\0");
  else {
    // Past 8 GiB GNU's way: the highest bit, and a binary number.
    const view = new DataView(head.buffer);
    view.setUint8(124, 0x80);
    view.setBigUint64(128, BigInt(sizeBytes));
  }
  put(136, "00000000000\0"); // time: the same checkpoint is the same archive
  put(148, " ".repeat(8)); // the sum counts its own place as spaces
  put(156, "0"); // a plain file
  put(257, "ustar\0" + "00");
  const sum = head.reduce((total, byte) => total + byte, 0);
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return head;
}

/** What stands after a file's bytes; after all files where no size is given. */
export function tarEnd(sizeBytes?: number): Uint8Array {
  if (sizeBytes === undefined) return new Uint8Array(2 * BLOCK_BYTES);
  return new Uint8Array(blocksOf(sizeBytes) * BLOCK_BYTES - sizeBytes);
}

function blocksOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES);
}
