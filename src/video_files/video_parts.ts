import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { reading, systemErrorName, writing } from "../files/file_errors.ts";
import { isJsonObject, type JsonValue } from "../files/strict_json.ts";
import { type Encoding, encodingOptions } from "./codecs.ts";
import { FfmpegProcess } from "./ffmpeg.ts";
import { timedStream } from "./timed_stream.ts";
import type { VideoFacts } from "./video_facts.ts";

/** A stretch of a video that is done. */
interface VideoPart {
  readonly file: string;
  readonly frames: number;
  /** When its first and its last frame are shown, in seconds. */
  readonly firstTime: number;
  readonly lastTime: number;
}

/**
 * The parts of a result that are done, in a folder beside it: what a killed command leaves, and the
 * next one goes on from. A part is there when its facts are, which are written last.
 */
export class VideoParts {
  readonly folder: string;
  readonly #parts: VideoPart[];

  private constructor(folder: string, parts: VideoPart[]) {
    this.folder = folder;
    this.#parts = parts;
  }

  /**
   * Opens the folder of a result; makes it where there is none. Parts that were made of something else
   * are removed.
   *
   * @param work what the parts are made of and how, of which a word changes when they no longer fit.
   */
  static async open(result: string, work: unknown): Promise<VideoParts> {
    const folder = `${result}.tinct-parts`;
    await writing(folder, mkdir(folder, { recursive: true }));
    const plan = createHash("sha256").update(JSON.stringify(work)).digest("hex");
    const before = await textOf(join(folder, "plan"));
    if (before !== plan) {
      for (const name of await reading(folder, readdir(folder))) {
        if (/^(?:plan|\d{6}\.(?:json|nut|tmp))$/.test(name)) await rm(join(folder, name));
      }
      await writeFileAtomically(join(folder, "plan"), new TextEncoder().encode(plan));
    }
    const parts: VideoPart[] = [];
    for (let text; (text = await textOf(join(folder, `${nameOf(parts.length)}.json`)));) {
      const part: JsonValue = JSON.parse(text);
      if (!isPart(part)) break;
      parts.push(part);
    }
    return new VideoParts(folder, parts);
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
    this.#process.child.stdin!.end();
    await this.#process.end();
    const file = `${this.#path}.nut`;
    await writing(file, rename(`${this.#path}.tmp`, file));
    const [frames, firstTime, lastTime] = [this.#frames, this.#firstTime, this.#lastTime];
    const part = { file, frames, firstTime, lastTime };
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

const nameOf = (index: number) => `${index}`.padStart(6, "0");

function isPart(value: JsonValue): value is JsonValue & VideoPart {
  return isJsonObject(value) && typeof value.file === "string" &&
    [value.frames, value.firstTime, value.lastTime].every((each) => typeof each === "number");
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return undefined;
    throw error;
  }
}
