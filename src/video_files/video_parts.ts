import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { syncPath } from "../files/durable_file.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { reading, systemErrorName, writing } from "../files/file_errors.ts";
import { isJsonObject, type JsonValue } from "../files/strict_json.ts";
import { pathExists } from "../files/temporary_names.ts";
import { TinctError } from "../errors.ts";
import { shown } from "../shown.ts";
import { type Encoding, encodingOptions } from "./codecs.ts";
import { FfmpegProcess } from "./ffmpeg.ts";
import { timedStream } from "./timed_stream.ts";
import type { VideoFacts } from "./video_facts.ts";

/** A stretch of a video that is done. */
interface VideoPart {
  /** Its name in the folder. */
  readonly file: string;
  readonly frames: number;
  /** When its first and its last frame are shown, in seconds. */
  readonly firstTime: number;
  readonly lastTime: number;
}

/**
 * The parts of a result that are done, in a folder beside it: what a killed command leaves, and the
 * next one goes on from. A part is there when its facts are, which are written last. One process at a
 * time has them, until they are disposed of.
 */
export class VideoParts implements Disposable {
  /** Absolute: to ffmpeg no name begins with "-" or a protocol. */
  readonly folder: string;
  /** Whether there were parts of another work, which were removed. */
  readonly beganAnew: boolean;
  readonly #parts: VideoPart[];
  readonly #lock: Disposable;

  private constructor(folder: string, parts: VideoPart[], beganAnew: boolean, lock: Disposable) {
    this.folder = folder;
    this.beganAnew = beganAnew;
    this.#parts = parts;
    this.#lock = lock;
  }

  /**
   * Opens the folder of a result; makes it where there is none. Parts that were made of something else
   * are removed.
   *
   * @param work what the parts are made of and how, of which a word changes when they no longer fit.
   * @throws {TinctError} unavailable: another process has them.
   */
  static async open(result: string, work: unknown): Promise<VideoParts> {
    const folder = resolve(`${result}.tinct-parts`);
    await writing(folder, mkdir(folder, { recursive: true }));
    using owner = new DisposableStack();
    const lock = owner.use(await lockParts(folder, result));
    const plan = createHash("sha256").update(JSON.stringify(work)).digest("hex");
    const before = await textOf(join(folder, "plan"));
    const names = (await reading(folder, readdir(folder))).filter((name) => KNOWN.test(name));
    const isAnother = before !== plan;
    if (isAnother) {
      for (const name of names) await rm(join(folder, name));
      await writeFileAtomically(join(folder, "plan"), new TextEncoder().encode(plan));
    }
    const parts: VideoPart[] = [];
    for (let part; (part = await readPart(folder, parts.length));) parts.push(part);
    // Behind a part that is missing others are of no use.
    for (const name of names) {
      if (/^\d/.test(name) && Number(name.slice(0, 6)) >= parts.length) {
        await rm(join(folder, name), { force: true });
      }
    }
    const beganAnew = isAnother && names.some((name) => name.endsWith(".json"));
    owner.move();
    return new VideoParts(folder, parts, beganAnew, lock);
  }

  /** Those that are done, in their order. */
  get done(): readonly VideoPart[] {
    return this.#parts;
  }

  /** Frames of those that are done. */
  get frames(): number {
    return this.#parts.reduce((sum, { frames }) => sum + frames, 0);
  }

  /** Begins the next part. The caller disposes of it; one that is not finished goes. */
  begin(facts: VideoFacts, encoding: Encoding, signal: AbortSignal): PartWriter {
    const path = join(this.folder, nameOf(this.#parts.length));
    return new PartWriter(path, facts, encoding, signal, (part) => void this.#parts.push(part));
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    await writing(this.folder, rm(this.folder, { recursive: true, force: true }));
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

/** Writes a part. */
export class PartWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #process: FfmpegProcess;
  readonly #onDone: (part: VideoPart) => void;
  readonly #header: Uint8Array;
  #frames = 0;
  #firstTime = 0;
  #lastTime = 0;

  /** @param path without an ending. */
  constructor(
    path: string,
    facts: VideoFacts,
    encoding: Encoding,
    signal: AbortSignal,
    onDone: (part: VideoPart) => void,
  ) {
    this.#path = path;
    this.#onDone = onDone;
    this.#header = timedStream.header(facts);
    this.#process = new FfmpegProcess("ffmpeg", [
      ...["-v", "error", "-f", "matroska", "-i", "pipe:0", "-map", "0:v"],
      ...["-fps_mode", "passthrough", "-enc_time_base", facts.timeBase.replace("/", ":")],
      ...encodingOptions(encoding, facts),
      ...["-f", "nut", "-y", `${path}.tmp`],
    ], { what: "encoding the result", signal });
  }

  /** Frames that it has. */
  get frames(): number {
    return this.#frames;
  }

  /** Adds a frame. @param time seconds, later than that of the one before. */
  async write(rgb: Uint8Array, time: number): Promise<void> {
    if (this.#frames === 0) {
      this.#firstTime = time;
      await this.#process.write(this.#header);
    }
    await this.#process.write(timedStream.frameHeader(time, rgb.byteLength));
    await this.#process.write(rgb);
    this.#frames++;
    this.#lastTime = time;
  }

  /** Waits until all of it is on the disk. */
  async finish(): Promise<void> {
    this.#process.child.stdin.end();
    await this.#process.end();
    const path = `${this.#path}.nut`;
    await writing(path, syncPath(`${this.#path}.tmp`));
    await writing(path, rename(`${this.#path}.tmp`, path));
    const [frames, firstTime, lastTime] = [this.#frames, this.#firstTime, this.#lastTime];
    const part = { file: basename(path), frames, firstTime, lastTime };
    await writeFileAtomically(
      `${this.#path}.json`,
      new TextEncoder().encode(JSON.stringify(part)),
    );
    this.#onDone(part);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(`${this.#path}.tmp`, { force: true });
  }
}

/** What is in the folder that this program wrote. */
const KNOWN = /^(?:plan|parts\.txt|result\.tmp|\d{6}\.(?:json|nut|tmp))$/;

const nameOf = (index: number) => `${index}`.padStart(6, "0");

function isPart(value: JsonValue): value is JsonValue & VideoPart {
  return isJsonObject(value) && typeof value.file === "string" &&
    [value.frames, value.firstTime, value.lastTime].every((each) => typeof each === "number");
}

/** What a file system without locks says; some of other machines have none. */
const NO_LOCKS = ["ENOTSUP", "EOPNOTSUPP", "ENOLCK", "ENOSYS"];

/** Takes the folder for this process, where the file system can. */
async function lockParts(folder: string, result: string): Promise<Disposable> {
  try {
    return await lockFolder(folder, { giveUpMs: 0 });
  } catch (error) {
    if (NO_LOCKS.includes(systemErrorName(error))) return { [Symbol.dispose]: () => {} };
    if (!(error instanceof TinctError) || error.code !== "unavailable") throw error;
    throw new TinctError(
      "unavailable",
      `Another command is making ${shown(result)}: wait for its end, or name another file.`,
      { cause: error },
    );
  }
}

/** A part that is whole; undefined where it is not. */
async function readPart(folder: string, index: number): Promise<VideoPart | undefined> {
  const text = await textOf(join(folder, `${nameOf(index)}.json`));
  let part: JsonValue;
  try {
    part = JSON.parse(text ?? "null");
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // somebody changed it
    throw error;
  }
  return isPart(part) && await pathExists(join(folder, part.file)) ? part : undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return undefined;
    throw error;
  }
}
