import { onAbort } from "../abort.ts";
import { runsFolder } from "../files/data_folder.ts";
import { TinctError } from "../errors.ts";
import { errorOf } from "../protocol/faults.ts";
import type { ScaledPiece__Output } from "../protocol/generated/tinct/worker/v1/scaled_piece.ts";
import type { FleetSetting } from "./worker_environment.ts";
import { describeLoss, WorkerSession } from "./worker_session.ts";

/** A PNG that was drawn by a worker. */
export interface Picture {
  readonly file: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** A sample sheet that is too large as it is. */
export interface SheetToScale {
  /** A PNG below the data folder's `jobs`; absolute. */
  readonly path: string;
  /** How many times smaller it is to become at least, a whole number from 1. */
  readonly factor: number;
  /** The most bytes of the result. */
  readonly maxBytes: number;
}

/** A sheet that waits, or that the worker has. */
interface Task {
  readonly sheet: SheetToScale;
  readonly done: PromiseWithResolvers<Picture>;
}

/** Sheets that may wait; each has taken nothing yet but its place. */
const MAX_WAITING = 256;

/** The largest sheet takes a second or two where nothing else runs. */
const MAX_SCALING_MS = 60_000;

/** A worker without work is let go after so long. */
const IDLE_MS = 10_000;

/**
 * Scales sample sheets in a worker process: one sheet at a time, so that the memory of one is all that
 * they take. The worker reads sheets and nothing else, and goes when there are none.
 */
export class SheetScaler {
  readonly #setting: FleetSetting;
  readonly #waiting: Task[] = [];
  #worker: WorkerSession | undefined;
  /** Settles when the worker that was let go last is gone. */
  #leaving: Promise<unknown> | undefined;
  #current:
    | { readonly task: Task; readonly sheetId: number; readonly pieces: Buffer[] }
    | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastSheetId = 0;
  #isClosed = false;

  constructor(setting: FleetSetting) {
    this.#setting = setting;
  }

  /** See `Workbench.scaleSheet`. */
  async scale(sheet: SheetToScale, signal: AbortSignal): Promise<Picture> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closed();
    if (this.#waiting.length >= MAX_WAITING) {
      throw new TinctError(
        "resource_exhausted",
        `${this.#waiting.length} sample pictures wait to be scaled; watch again in a moment.`,
        { kind: "QUEUE_FULL" },
      );
    }
    const task: Task = { sheet, done: Promise.withResolvers() };
    this.#waiting.push(task);
    using _listening = onAbort(signal, (reason) => {
      const at = this.#waiting.indexOf(task);
      if (at >= 0) this.#waiting.splice(at, 1);
      task.done.reject(reason); // one that is in work is finished, for nobody
    });
    this.#pump();
    return await task.done.promise;
  }

  /** Ends the worker; what waits is rejected, and what comes later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { done } of this.#waiting.splice(0)) done.reject(closed());
    const worker = this.#worker;
    worker?.kill("the server ended");
    await Promise.all([worker?.ended, this.#leaving]);
  }

  #pump(): void {
    if (this.#current || this.#isClosed) return;
    const task = this.#waiting.shift();
    clearTimeout(this.#timer);
    if (task === undefined) {
      this.#timer = setTimeout(() => this.#letGo(), IDLE_MS);
      return;
    }
    const worker = this.#worker ??= this.#start();
    const sheetId = ++this.#lastSheetId;
    this.#current = { task, sheetId, pieces: [] };
    this.#timer = setTimeout(
      () => worker.kill(`a sheet took it longer than ${MAX_SCALING_MS / 1000} s`),
      MAX_SCALING_MS,
    );
    worker.send({ scale: { sheetId, ...task.sheet } });
  }

  #letGo(): void {
    const worker = this.#worker;
    worker?.stop(IDLE_MS);
    this.#leaving = worker?.ended;
    this.#worker = undefined; // the next sheet starts another
  }

  #start(): WorkerSession {
    const { options } = this.#setting;
    const worker = new WorkerSession(this.#setting, {
      access: {
        program: "scale",
        read: [runsFolder(options.dataFolder)],
        write: [],
        libraryPath: undefined,
        environment: options.environment,
      },
      assignment: { scaling: {} },
      onMessage: ({ kind, value }) => {
        if (kind === "scaled") this.#take(value);
      },
    });
    void worker.ended.then((end) => {
      if (this.#worker !== worker) return; // it was let go
      this.#worker = undefined;
      const lost = `The worker that scales sample pictures was lost: ${describeLoss(end)}.`;
      const error = new TinctError("unavailable", `${lost} Watch again.`);
      if (!this.#isClosed) {
        this.#setting.log({ level: "warning", message: lost, error: end.failure?.error });
      }
      this.#finish((done) => done.reject(error));
    });
    return worker;
  }

  #take({ sheetId, width, height, data, last, fault }: ScaledPiece__Output): void {
    const current = this.#current;
    if (current?.sheetId !== sheetId) return;
    if (fault) return this.#finish((done) => done.reject(errorOf(fault)));
    current.pieces.push(data);
    if (!last) return;
    const file = Buffer.concat(current.pieces);
    this.#finish((done) => done.resolve({ file, width, height }));
  }

  #finish(settle: (done: Task["done"]) => void): void {
    const current = this.#current;
    this.#current = undefined;
    if (current) settle(current.task.done);
    this.#pump();
  }
}

function closed(): TinctError {
  return new TinctError("unavailable", "The server stops; watch again when it is back.");
}
