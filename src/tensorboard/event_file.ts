import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { diskFull, isDiskFull, reading, writing } from "../files/file_errors.ts";
import {
  describeEvent,
  startEvent,
  summaryEvent,
  type SummaryValue,
  versionEvent,
} from "./events.ts";
import { readRecords, record } from "./records.ts";

const prefix = "events.out.tfevents.";
const pattern = /^events\.out\.tfevents\.(\d{10,})\.tinct$/;
/**
 * The file that describes the run. A run that goes on gets another description, and for that alone the
 * events, sample sheets among them, are not written again. TensorBoard reads files by their names and
 * goes back to none, so it sorts before all others.
 */
const descriptionPattern = /^events\.out\.tfevents\.\d{10,}\.configuration\.tinct$/;
/** Its name in runs of older versions. */
const oldDescription = `${prefix}0000000000.tinct`;
/** Pieces in which a file is written anew. */
const pieceBytes = 1 << 20;

/** How a run's event file is opened. */
interface OpenEventFileOptions {
  /** Whether an event that is there already is kept. */
  readonly keeps: (event: { readonly step: number; readonly tag: string }) => boolean;
  /** The first step that is to come. */
  readonly nextStep: number;
  /** What is true of the whole run; replaces what was said before. */
  readonly description: readonly SummaryValue[];
}

/**
 * A run's event file, as TensorBoard reads it: one file for each time that the run went on, whose
 * names sort by time, and before them one that describes the run. Events are written in the background and in order. Owns the open file.
 */
export class EventFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: Uint8Array[] = [];
  /** Never rejects. */
  #writing: Promise<void> | undefined;
  /** Of what could not be written since the last `sync`. */
  #failure: { readonly error: unknown } | undefined;
  /** How much of the file is whole events. */
  #sizeBytes = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a new file in a run's folder, and takes out of those that are there what is not kept.
   *
   * @throws TinctError `resource_exhausted` when the disk is full.
   */
  static async open(
    runFolder: string,
    { keeps, nextStep, description }: OpenEventFileOptions,
  ): Promise<EventFile> {
    const all = (await reading(runFolder, readdir(runFolder))).sort();
    const names = all.filter((name) => pattern.test(name) && name !== oldDescription);
    for (const name of names) await trim(join(runFolder, name), keeps);
    const newest = Number(pattern.exec(names.at(-1) ?? "")?.[1] ?? 0);
    const seconds = Math.max(Math.floor(Date.now() / 1000), newest + 1);
    const path = join(runFolder, `${prefix}${seconds}.tinct`);
    const now = nowSeconds();
    const first = [record(versionEvent(now)), record(summaryEvent(now, 0, description))];
    const begun = pattern.exec(names[0] ?? "")?.[1] ?? seconds;
    const about = all.find((name) => descriptionPattern.test(name)) ??
      `${prefix}${begun}.configuration.tinct`;
    await writeFileAtomically(join(runFolder, about), Buffer.concat(first));
    const old = join(runFolder, oldDescription);
    if (all.includes(oldDescription)) await writing(old, rm(old));
    const file = new EventFile(path, await writing(path, open(path, "wx")));
    file.#append(versionEvent(now));
    file.#append(startEvent(now, nextStep));
    return file;
  }

  /** Adds an event, to be written soon; `sync` tells whether it could be. */
  add(step: number, values: readonly SummaryValue[]): void {
    if (values.length > 0) this.#append(summaryEvent(nowSeconds(), step, values));
  }

  /**
   * Waits until what was added is on the disk.
   *
   * @throws what something since the last time could not be written for, and is lost with: TinctError
   *   `resource_exhausted` when the disk is full. Later events can be written all the same.
   */
  async sync(): Promise<void> {
    await this.#writing;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    await this.#written(this.#file.sync());
  }

  /** Writes what is left; a failure was told before, or is of what no checkpoint counts on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  #append(event: Uint8Array): void {
    this.#waiting.push(record(event));
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = Buffer.concat(this.#waiting.splice(0));
      try {
        await this.#written(this.#writeAll(events));
        this.#sizeBytes += events.length;
      } catch (error) {
        this.#failure ??= { error };
        await this.#file.truncate(this.#sizeBytes).catch(() => {}); // the next one is written over it
      }
    }
    this.#writing = undefined;
  }

  /** A part of an event that an earlier failure left is written over: a reader would stop there. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        at,
        bytes.length - at,
        this.#sizeBytes + at,
      );
      at += bytesWritten;
    }
  }

  async #written(operation: Promise<void>): Promise<void> {
    try {
      await writing(this.#path, operation);
    } catch (error) {
      throw isDiskFull(error) ? await diskFull(this.#path, dirname(this.#path), error) : error;
    }
  }
}

function nowSeconds(): number {
  return Date.now() / 1000;
}

/** Takes events out of a file; a file that has none left goes. One that keeps all is left alone. */
async function trim(path: string, keeps: OpenEventFileOptions["keeps"]): Promise<void> {
  let keptEvents = 0;
  let keptBytes = 0;
  for await (const { bytes, tag } of keptRecords(path, keeps)) {
    if (tag !== undefined) keptEvents++;
    keptBytes += bytes.length;
  }
  if (keptEvents === 0) return await writing(path, rm(path));
  const { size } = await reading(path, stat(path));
  if (keptBytes === size) return;
  await writeFileAtomically(path, async (file) => {
    let piece: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const { bytes } of keptRecords(path, keeps)) {
      piece.push(bytes);
      sizeBytes += bytes.length;
      if (sizeBytes < pieceBytes) continue;
      await file.write(Buffer.concat(piece));
      piece = [];
      sizeBytes = 0;
    }
    await file.write(Buffer.concat(piece));
  });
}

async function* keptRecords(path: string, keeps: OpenEventFileOptions["keeps"]) {
  for await (const { data, bytes } of readRecords(path)) {
    const { step, tag } = describeEvent(data);
    // Those without a tag belong to the file.
    if (tag === undefined || keeps({ step, tag })) yield { bytes, tag };
  }
}
