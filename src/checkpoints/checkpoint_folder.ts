import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import {
  type CheckpointFile,
  type CheckpointManifest,
  decodeManifest,
  MANIFEST_NAME,
  MAX_MANIFEST_BYTES,
} from "./checkpoint_manifest.ts";
import { reading } from "../files/file_errors.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors.ts";

/** The weights that colorizing needs; the other files are for going on with the training. */
export const GENERATOR_FILE = "generator.safetensors";

/** The moving average of those weights, under the same names, in checkpoints that keep one. */
export const GENERATOR_EMA_FILE = "generator_ema.safetensors";

/** A checkpoint folder, as its checkpoint.json describes it. */
export interface CheckpointInfo extends CheckpointManifest {
  /** The folder. */
  readonly path: string;
}

/**
 * Reads a folder's checkpoint.json. The tensor files are not looked at.
 *
 * @throws {TinctError} not_found when there is no such folder; data_loss when it is a symbolic link,
 *   or its checkpoint.json is missing or damaged; failed_precondition for another format version.
 */
export async function readCheckpointInfo(path: string): Promise<CheckpointInfo> {
  const stat = await reading(path, lstat(path));
  if (stat.isSymbolicLink()) {
    throw new TinctError("data_loss", `${path} is a symbolic link, not a checkpoint itself.`);
  }
  if (!stat.isDirectory()) throw new TinctError("data_loss", `${path} is not a folder.`);
  const manifestPath = join(path, MANIFEST_NAME);
  try {
    return { path, ...decodeManifest(await readManifestBytes(manifestPath), manifestPath) };
  } catch (error) {
    // A folder without its checkpoint.json is damaged, unless it was just removed as a whole.
    if (!(error instanceof TinctError) || error.code !== "not_found") throw error;
    await reading(path, lstat(path));
    throw new TinctError("data_loss", `${path} has no ${MANIFEST_NAME}.`, { cause: error });
  }
}

async function readManifestBytes(path: string): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await reading(path, open(path, flags));
  try {
    const stat = await reading(path, handle.stat());
    if (!stat.isFile()) throw new TinctError("data_loss", `${path} is not a file.`);
    if (stat.size > MAX_MANIFEST_BYTES) {
      throw new TinctError(
        "data_loss",
        `${path} has ${stat.size} bytes, too many for a file of its kind.`,
      );
    }
    return await reading(path, handle.readFile());
  } finally {
    await handle.close();
  }
}

/** Tensor files of a checkpoint: their names, or what names them where checkpoints differ. */
export type FileChoice = readonly string[] | ((info: CheckpointInfo) => readonly string[]);

/**
 * Checks without reading them that a checkpoint's files are there with the lengths they were written
 * with.
 *
 * @param files only these; all when left out.
 * @throws {TinctError} data_loss naming the first file that is missing, a link, or of another length.
 */
export async function checkFileSizes(
  info: CheckpointInfo,
  files?: FileChoice,
): Promise<void> {
  for (const { name, sizeBytes } of listedFiles(info, files)) {
    const path = join(info.path, name);
    try {
      const stat = await reading(path, lstat(path));
      if (!stat.isFile()) throw new TinctError("data_loss", `${path} is not a regular file.`);
      refuseOtherSize(path, stat.size, sizeBytes);
    } catch (error) {
      throw asLoss(error, path);
    }
  }
}

/**
 * A checkpoint whose files are open and have been read once to check that they are, to the bit, what
 * was written. Owns the files; a retention that removes the folder meanwhile does not disturb it.
 */
export class Checkpoint implements AsyncDisposable {
  readonly info: CheckpointInfo;
  readonly #files: ReadonlyMap<string, SafetensorsFile>;

  /** For `openCheckpoint`, which has checked the files. */
  constructor(info: CheckpointInfo, files: ReadonlyMap<string, SafetensorsFile>) {
    this.info = info;
    this.#files = files;
  }

  /**
   * One of its tensor files. It belongs to the checkpoint and closes with it.
   *
   * @throws {TinctError} not_found when the checkpoint has none of that name, as an exported model
   *   has no optimizers.
   */
  file(name: string): SafetensorsFile {
    const file = this.#files.get(name);
    if (file) return file;
    const names = [...this.#files.keys()].join(", ") || "none";
    throw new TinctError(
      "not_found",
      `${this.info.path} was opened without ${name}, with ${names}.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files.values()) await file[Symbol.asyncDispose]();
  }
}

/**
 * Opens a checkpoint's tensor files and compares each with its checksum.
 *
 * @param info from `readCheckpointInfo` or the store.
 * @param options `files`: only these, which alone are read; all when left out.
 *   `signal`: stops the reading.
 * @returns the checkpoint; the caller disposes of it.
 * @throws {TinctError} data_loss naming the file that is missing, a symbolic link, cut short or
 *   changed; not_found when the whole folder has gone.
 */
export async function openCheckpoint(
  info: CheckpointInfo,
  { files, signal }: { files?: FileChoice | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Checkpoint> {
  await using opened = new AsyncDisposableStack();
  const verified = new Map<string, SafetensorsFile>();
  for (const listed of listedFiles(info, files)) {
    const path = join(info.path, listed.name);
    try {
      const file = opened.use(await openSafetensors(path, { refuseLinks: true }));
      refuseOtherSize(path, file.sizeBytes, listed.sizeBytes);
      const { sha256 } = await file.digest({ signal });
      if (sha256 !== listed.sha256) {
        throw new TinctError(
          "data_loss",
          `${path} does not match its checksum: it was changed after it was written.`,
        );
      }
      verified.set(listed.name, file);
    } catch (error) {
      // The folder may have been removed as a whole.
      await reading(info.path, lstat(info.path));
      throw asLoss(error, path);
    }
  }
  opened.move();
  return new Checkpoint(info, verified);
}

function listedFiles(
  info: CheckpointInfo,
  choice: FileChoice | undefined,
): readonly CheckpointFile[] {
  const names = typeof choice === "function" ? choice(info) : choice;
  return names?.map((name) => {
    const found = info.files.find((file) => file.name === name);
    if (found) return found;
    throw new TinctError(
      "data_loss",
      `${join(info.path, MANIFEST_NAME)} lists no ${name}, which is needed here.`,
    );
  }) ?? info.files;
}

function refuseOtherSize(path: string, foundBytes: number, writtenBytes: number): void {
  if (foundBytes === writtenBytes) return;
  const fault = foundBytes < writtenBytes ? "it was cut short" : "something was added";
  throw new TinctError(
    "data_loss",
    `${path} has ${foundBytes} bytes where ${writtenBytes} were written: ${fault}.`,
  );
}

/** A file that a checkpoint lists and does not have is a loss, not a wrong name. */
function asLoss(error: unknown, path: string): unknown {
  if (!(error instanceof TinctError) || error.code !== "not_found") return error;
  return new TinctError("data_loss", `${path} is missing from its checkpoint.`, { cause: error });
}
