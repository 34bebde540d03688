import { performance } from "node:perf_hooks";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { counted, mebibytes } from "../words.ts";
import { durationMsOf } from "../protocol/times.ts";
import {
  type ColorizeCall,
  type ColorizedPhoto,
  type ColorizeSettings,
  type Colorizing,
  type ColorizingWorker,
  filesBytes,
} from "./colorizing.ts";
import type { ModelSource, ResolvedModel } from "./model_reference.ts";
import { type ClientsPhoto, toGiveWay } from "./fair_turns.ts";
import type { ColorizeTask } from "./colorize_task.ts";
import {
  type InferenceWorker,
  type WorkerAnswer,
  WorkerLost,
  type WorkerPlacing,
} from "./inference_worker.ts";
import type { ModelInUse } from "./loaded_models.ts";
import type { WorkerSeat } from "./worker_seat.ts";
import { WorkerSeats } from "./worker_seats.ts";
import type { FleetSetting } from "../fleet/worker_environment.ts";

/** How a queue is opened. */
interface QueueOptions {
  /** What another queue holds that shares the limits; by default there is none. */
  readonly beside?: () => QueueLoad;
  /** The device of each worker, at least one. */
  readonly devices: readonly string[];
  /** What photos in work may take, with those of another queue's workers; see `WorkerPlacing`. */
  readonly memory?: WorkerPlacing["memory"];
}

/** What a queue holds. */
interface QueueLoad {
  /** That wait or are worked on. */
  readonly photos: number;
  readonly bytes: number;
}

/** A bounded queue of photos before one or more workers that colorize. */
export class ColorizeQueue implements Colorizing {
  readonly #setting: FleetSetting;
  readonly #findModel: (source: ModelSource) => Promise<ResolvedModel>;
  readonly #beside: () => QueueLoad;
  readonly #waiting: ColorizeTask[] = [];
  readonly #seats: WorkerSeats;
  /** Those whose bytes are counted in `#bytes`. */
  readonly #counted = new Set<ColorizeTask>();
  #bytes = 0;
  #isClosed = false;
  #onIdle = () => {};

  /**
   * @param findModel what a reference to a model comes to; anew for each photo that comes without one.
   * @param options `devices`: a worker each, which starts when it is needed.
   */
  constructor(
    setting: FleetSetting,
    findModel: (source: ModelSource) => Promise<ResolvedModel>,
    { beside = () => ({ photos: 0, bytes: 0 }), devices, memory }: QueueOptions,
  ) {
    this.#setting = setting;
    this.#findModel = findModel;
    this.#beside = beside;
    this.#seats = new WorkerSeats(setting, { devices, memory }, {
      onChange: () => this.#pump(),
      onFailedStart: (isWaitedForBy, error) => {
        const reason = error instanceof WorkerLost ? unavailable(error) : error;
        this.#rejectWaiting(reason, isWaitedForBy);
      },
    });
  }

  /** How many workers there may be. */
  get seats(): number {
    return this.#seats.count;
  }

  /** What it holds now. */
  get load(): QueueLoad {
    return { photos: this.#waiting.length + this.#seats.tasks.length, bytes: this.#bytes };
  }

  /** @param found what the settings' model comes to, where that is known; it is not looked for again. */
  async colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    { signal, client, takeRoom }: ColorizeCall = {},
    found?: ResolvedModel,
  ): Promise<ColorizedPhoto> {
    signal?.throwIfAborted();
    this.#makeRoom({ photo, client });
    const task: ColorizeTask = {
      photo,
      settings,
      client,
      signal: signal ?? new AbortController().signal,
      takeRoom,
      arrivedMs: performance.now(),
      done: Promise.withResolvers(),
      modelKey: JSON.stringify(settings.model),
      found,
      crashes: 0,
      seat: undefined,
    };
    this.#bytes += bytesOf(task);
    this.#counted.add(task);
    this.#waiting.push(task);
    using _listening = onAbort(task.signal, (reason) => {
      const at = this.#waiting.indexOf(task);
      if (at >= 0) this.#waiting.splice(at, 1);
      task.done.reject(reason);
    });
    try {
      this.#pump();
      return await task.done.promise;
    } finally {
      this.#release(task);
      this.#tellIdle();
    }
  }

  isLoaded(folder: string): boolean {
    return this.#seats.isLoaded(folder);
  }

  unload(folder: string): void {
    this.#seats.unload(folder);
  }

  endVideo(videoId: string): void {
    this.#seats.endVideo(videoId);
  }

  workers(): ColorizingWorker[] {
    return this.#seats.workers();
  }

  /** Starts a worker for it if need be. */
  async preload(folder: string): Promise<Disposable> {
    this.#requireOpen();
    const worker = this.#seats.loaderOf(folder);
    try {
      await worker.ready;
      return await worker.useModel(folder);
    } catch (error) {
      throw error instanceof WorkerLost ? unavailable(error) : error;
    }
  }

  /** Takes nothing more in, finishes what is there, and lets the workers end. */
  async drain(timeoutMs: number): Promise<void> {
    this.#close();
    const endMs = performance.now() + timeoutMs;
    const idle = new Promise<void>((resolve) => this.#onIdle = resolve);
    this.#tellIdle();
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, timeoutMs);
    await Promise.race([idle, timeout.promise]);
    clearTimeout(timer);
    this.#rejectWaiting(stopping());
    const graceMs = Math.max(0, endMs - performance.now());
    await this.#seats.stop(graceMs);
  }

  /** Ends all at once. */
  async close(): Promise<void> {
    this.#close();
    this.#rejectWaiting(stopping());
    await this.#seats.kill();
  }

  #close(): void {
    this.#isClosed = true;
    this.#seats.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw stopping();
  }

  /** Where the queue is full, photos of the client that has the most give way to another's. */
  #makeRoom(newcomer: ClientsPhoto): void {
    this.#requireOpen();
    const { maxQueuedPhotos, maxQueuedBytes } = this.#setting.limits;
    const isFull = () => {
      const { photos, bytes } = this.#sharedLoad();
      return photos >= maxQueuedPhotos || bytes + newcomer.photo.byteLength > maxQueuedBytes;
    };
    while (isFull()) {
      const all = [...this.#waiting, ...this.#seats.tasks];
      const victim = toGiveWay(this.#waiting, all, newcomer);
      const full = this.#noRoom();
      if (victim === undefined) throw full;
      this.#waiting.splice(this.#waiting.indexOf(victim), 1);
      this.#release(victim);
      victim.done.reject(full);
    }
  }

  #sharedLoad(): QueueLoad {
    const [own, other] = [this.load, this.#beside()];
    return { photos: own.photos + other.photos, bytes: own.bytes + other.bytes };
  }

  #noRoom(): TinctError {
    const { maxQueuedPhotos, maxQueuedBytes } = this.#setting.limits;
    const { photos, bytes } = this.#sharedLoad();
    return new TinctError(
      "resource_exhausted",
      `The queue is full: it has ${counted(photos, "photo")} (${
        mebibytes(bytes)
      } MiB), and the limit is ` +
        `${maxQueuedPhotos} (${mebibytes(maxQueuedBytes)} MiB); try again in a moment.`,
      { kind: "QUEUE_FULL", retryDelayMs: 1000 },
    );
  }

  /** A photo's bytes count no more. */
  #release(task: ColorizeTask): void {
    if (this.#counted.delete(task)) this.#bytes -= bytesOf(task);
  }

  #tellIdle(): void {
    if (this.#waiting.length + this.#seats.tasks.length === 0) this.#onIdle();
  }

  #rejectWaiting(error: unknown, isIt: (task: ColorizeTask) => boolean = () => true): void {
    for (const task of this.#waiting.filter(isIt)) {
      this.#waiting.splice(this.#waiting.indexOf(task), 1);
      task.done.reject(error);
    }
  }

  /** Hands photos to workers while they may have more. */
  #pump(): void {
    for (;;) {
      const next = this.#seats.next(this.#waiting);
      if (next === undefined) break;
      this.#waiting.splice(this.#waiting.indexOf(next.task), 1);
      const end = this.#seats.begin(next);
      void this.#work(next.task, next.seat, next.worker).finally(() => {
        end();
        this.#tellIdle();
        this.#pump();
      });
    }
    this.#seats.startWanted(this.#waiting, { mayGrow: !this.#isClosed });
  }

  /** Never rejects; settles when the worker is done with the photo. */
  async #work(task: ColorizeTask, seat: WorkerSeat, worker: InferenceWorker): Promise<void> {
    const { settings, photo, signal, takeRoom, done } = task;
    const takenMs = performance.now();
    using turn = this.#seats.turnOf(task, seat);
    try {
      const { model, inUse } = await this.#useModel(worker, task);
      using used = inUse;
      await turn?.begins;
      if (signal.aborted) return;
      const startedMs = performance.now();
      const { answer, settled } = worker.colorize(photo, {
        modelId: used.modelId,
        format: settings.format ?? "IMAGE_FORMAT_UNSPECIFIED",
        quality: settings.quality ?? 0,
        saturation: settings.saturation ?? 1,
        maxSide: settings.maxSide ?? 0,
        stripMetadata: settings.stripMetadata ?? false,
        hints: [...settings.hints ?? []],
        removeCast: settings.removeCast ?? false,
        refine: settings.refine ?? false,
        pixels: settings.pixels ?? null,
        asPixels: settings.asPixels ?? false,
        videoId: settings.frame?.videoId ?? "",
        loneFrame: settings.frame !== undefined && settings.frame.videoId === undefined,
      }, { signal, takeRoom, files: settings });
      turn?.[Symbol.dispose]();
      try {
        const answered = await answer;
        done.resolve(describe(answered, model, used, worker.device, {
          waitingMs: takenMs - task.arrivedMs,
          loadMs: startedMs - takenMs,
          workerMs: performance.now() - startedMs,
        }));
      } finally {
        await settled;
      }
    } catch (error) {
      this.#fail(task, seat, error);
    }
  }

  /**
   * Finds and loads a model, anew if it went in between: a job that trains replaces checkpoints, and a
   * model can be deleted while a photo waits.
   */
  async #useModel(worker: InferenceWorker, task: ColorizeTask) {
    const source = task.settings.model;
    for (let tries = 1;; tries++) {
      const { found } = task;
      task.found = undefined;
      const model = found ?? await this.#findModel(source);
      this.#seats.remember(task, model.folder);
      try {
        return { model, inUse: await worker.useModel(model.folder, source.weights) };
      } catch (error) {
        const mayChange = "jobId" in source && typeof source.checkpoint !== "number";
        const mayBeGone = (mayChange || found !== undefined) &&
          error instanceof TinctError && ["not_found", "data_loss"].includes(error.code);
        if (!mayBeGone || tries === 2) throw error;
      }
    }
  }

  #fail(task: ColorizeTask, seat: WorkerSeat, error: unknown): void {
    if (!(error instanceof WorkerLost)) return task.done.reject(error);
    task.crashes++;
    task.seat = seat;
    if (this.#isClosed) return task.done.reject(stopping());
    // What the worker knew of a video is lost with it.
    if (task.crashes > 1 || task.settings.frame?.videoId !== undefined) {
      return task.done.reject(unavailable(error));
    }
    if (!task.signal.aborted) this.#waiting.unshift(task);
  }
}

/** Of its files. */
function bytesOf({ photo, settings }: ColorizeTask): number {
  return photo.byteLength + filesBytes(settings);
}

function describe(
  { result, image }: WorkerAnswer,
  model: ResolvedModel,
  { weights }: ModelInUse,
  device: string,
  passed: Pick<ColorizedPhoto["timings"], "waitingMs" | "loadMs" | "workerMs">,
): ColorizedPhoto {
  const ms = (duration: Parameters<typeof durationMsOf>[0]) => durationMsOf(duration) ?? 0;
  return {
    image,
    format: result.format,
    width: result.width,
    height: result.height,
    pagesLeftOut: result.pagesLeftOut,
    colors: result.colors,
    startsShot: result.startsShot,
    model,
    weights,
    device,
    timings: {
      ...passed,
      queueMs: passed.waitingMs + passed.loadMs + ms(result.batchTime),
      batchMs: ms(result.batchTime),
      decodeMs: ms(result.decodeTime),
      modelMs: ms(result.modelTime),
      encodeMs: ms(result.encodeTime),
      batchSize: result.batchSize,
    },
  };
}

function unavailable(cause: Error): TinctError {
  return new TinctError("unavailable", `${cause.message} Try again.`, { cause });
}

function stopping(): TinctError {
  return new TinctError("unavailable", "The server stops; try again when it is back.");
}
