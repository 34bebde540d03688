import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { reading } from "../files/file_errors.ts";
import { checkFileSizes, readCheckpointInfo } from "./checkpoint_folder.ts";
import { MANIFEST_NAME } from "./checkpoint_manifest.ts";

/** A file of a checkpoint that is sent elsewhere, open: it stays whole when its checkpoint is removed. */
interface SentFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** As it was written, 32 bytes. */
  readonly sha256: Buffer;
  /** Its bytes in pieces of at most so many, in a buffer of their own each. */
  readonly pieces: (maxBytes: number) => AsyncGenerator<Buffer, void, undefined>;
}

/**
 * Opens all files of a checkpoint, its description first.
 *
 * @param owner closes them.
 * @throws {TinctError} not_found, data_loss: as `readCheckpointInfo` and `checkFileSizes`.
 */
export async function openSentFiles(
  folder: string,
  owner: AsyncDisposableStack,
): Promise<SentFile[]> {
  const openIn = async (name: string) => {
    const path = join(folder, name);
    return owner.use(await reading(path, open(path, constants.O_RDONLY | constants.O_NOFOLLOW)));
  };
  const info = await readCheckpointInfo(folder);
  await checkFileSizes(info);
  const handle = await openIn(MANIFEST_NAME);
  const manifest = await handle.readFile();
  const sha256 = createHash("sha256").update(manifest).digest();
  const files = [sentFile(MANIFEST_NAME, manifest.length, sha256, handle)];
  for (const { name, sizeBytes, sha256 } of info.files) {
    files.push(sentFile(name, sizeBytes, Buffer.from(sha256, "hex"), await openIn(name)));
  }
  return files;
}

function sentFile(
  fileName: string,
  sizeBytes: number,
  sha256: Buffer,
  handle: FileHandle,
): SentFile {
  return {
    fileName,
    sizeBytes,
    sha256,
    async *pieces(maxBytes) {
      for (let at = 0; at < sizeBytes;) {
        const data = Buffer.alloc(Math.min(maxBytes, sizeBytes - at));
        const { bytesRead } = await handle.read(data, 0, data.length, at);
        if (bytesRead === 0) throw new TinctError("data_loss", `${fileName} was cut short.`);
        yield data.subarray(0, bytesRead);
        at += bytesRead;
      }
    },
  };
}
