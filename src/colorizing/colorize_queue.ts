import { performance } from "node:perf_hooks";
import { onAbort } from "../abort.ts";
import { messageOf, TinctError } from "../errors.ts";
import { counted, mebibytes } from "../words.ts";
import { durationMsOf } from "../protocol/times.ts";
import {
  type ColorizeCall,
  type ColorizedPhoto,
  type ColorizeSettings,
  type Colorizing,
  filesBytes,
} from "./colorizing.ts";
import type { ModelSource, ResolvedModel } from "./model_reference.ts";
import { type ClientsPhoto, nextInTurn, toGiveWay } from "./fair_turns.ts";
import { InferenceWorker, type WorkerAnswer, WorkerLost } from "./inference_worker.ts";
import type { ModelInUse } from "./loaded_models.ts";
import type { FleetSetting } from "../fleet/worker_environment.ts";
import { FrameTurns, type Turn } from "../video/frame_turns.ts";

/** A photo on its way. */
interface Task {
  readonly photo: Uint8Array;
  readonly settings: ColorizeSettings;
  /** Whose it is; see `nextInTurn`. */
  readonly client: string | undefined;
  readonly signal: AbortSignal;
  readonly takeRoom: ColorizeCall["takeRoom"];
  readonly arrivedMs: number;
  readonly done: PromiseWithResolvers<ColorizedPhoto>;
  /** Workers that died while they had it. The second one had nothing else to die of. */
  crashes: number;
}

/** Files of photos that a worker has at a time, in bytes; a larger one it has alone. */
const MAX_WORKER_BYTES = 128 * 1024 * 1024;

/** How many times its processor time work on a photo may take by the clock. */
const CLOCK_FACTOR = 6;

/** What a queue holds. */
interface QueueLoad {
  /** That wait or are worked on. */
  readonly photos: number;
  readonly bytes: number;
}

/** A bounded queue of photos before a worker that colorizes. */
export class ColorizeQueue implements Colorizing {
  readonly #setting: FleetSetting;
  readonly #findModel: (source: ModelSource) => Promise<ResolvedModel>;
  readonly #beside: () => QueueLoad;
  readonly #waiting: Task[] = [];
  /** By the worker that has them. */
  readonly #inWork = new Map<Task, InferenceWorker>();
  /** Workers that finish what they have; another one takes the photos. */
  readonly #leaving = new Set<InferenceWorker>();
  /** Those whose bytes are counted in `#bytes`. */
  readonly #counted = new Set<Task>();
  /** Those whose frames come, with the order in which workers get them. */
  readonly #videos = new Map<string, FrameTurns>();
  #bytes = 0;
  #worker: InferenceWorker | undefined;
  /** Is to take over from the worker as soon as it is ready. */
  #successor: InferenceWorker | undefined;
  /** Photos that the worker may have; 0 while it is not ready. */
  #maxPhotos = 0;
  #isClosed = false;
  #onIdle = () => {};

  /**
   * @param findModel what a reference to a model comes to; anew for each photo.
   * @param beside what another queue holds that shares the limits; by default there is none.
   */
  constructor(
    setting: FleetSetting,
    findModel: (source: ModelSource) => Promise<ResolvedModel>,
    beside: () => QueueLoad = () => ({ photos: 0, bytes: 0 }),
  ) {
    this.#setting = setting;
    this.#findModel = findModel;
    this.#beside = beside;
  }

  /** What it holds now. */
  get load(): QueueLoad {
    return { photos: this.#waiting.length + this.#inWork.size, bytes: this.#bytes };
  }

  async colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    { signal, client, takeRoom }: ColorizeCall = {},
  ): Promise<ColorizedPhoto> {
    signal?.throwIfAborted();
    this.#makeRoom({ photo, client });
    const task: Task = {
      photo,
      settings,
      client,
      signal: signal ?? new AbortController().signal,
      takeRoom,
      arrivedMs: performance.now(),
      done: Promise.withResolvers(),
      crashes: 0,
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
    return this.#worker?.isLoaded(folder) ?? false;
  }

  unload(folder: string): void {
    this.#worker?.unload(folder);
  }

  endVideo(videoId: string): void {
    if (!this.#videos.delete(videoId)) return;
    for (const worker of this.#workers()) worker.endVideo(videoId);
  }

  /** Starts the worker for it if need be. */
  async preload(folder: string): Promise<Disposable> {
    this.#requireOpen();
    const worker = this.#start();
    try {
      await worker.ready;
      return await worker.useModel(folder);
    } catch (error) {
      throw error instanceof WorkerLost ? unavailable(error) : error;
    }
  }

  /** Takes nothing more in, finishes what is there, and lets the worker end. */
  async drain(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    const endMs = performance.now() + timeoutMs;
    const idle = new Promise<void>((resolve) => this.#onIdle = resolve);
    this.#tellIdle();
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, timeoutMs);
    await Promise.race([idle, timeout.promise]);
    clearTimeout(timer);
    this.#rejectWaiting(stopping());
    const graceMs = Math.max(0, endMs - performance.now());
    await Promise.all(this.#workers().map((worker) => worker.stop(graceMs)));
  }

  /** Ends all at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rejectWaiting(stopping());
    await Promise.all(this.#workers().map((worker) => worker.kill("the server ended")));
  }

  #workers(): InferenceWorker[] {
    return [this.#worker, this.#successor, ...this.#leaving].filter((each) => each !== undefined);
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
      const all = [...this.#waiting, ...this.#inWork.keys()];
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
  #release(task: Task): void {
    if (this.#counted.delete(task)) this.#bytes -= bytesOf(task);
  }

  #tellIdle(): void {
    if (this.#waiting.length + this.#inWork.size === 0) this.#onIdle();
  }

  #rejectWaiting(error: unknown): void {
    for (const { done } of this.#waiting.splice(0)) done.reject(error);
  }

  /** The worker, started if there is none. */
  #start(): InferenceWorker {
    if (this.#worker) return this.#worker;
    const worker = new InferenceWorker(this.#setting);
    this.#worker = worker;
    worker.ready.then(
      (maxPhotos) => {
        if (this.#worker !== worker) return;
        this.#maxPhotos = maxPhotos;
        this.#pump();
      },
      // One that cannot even start would do no better a second time.
      (error) => this.#rejectWaiting(error instanceof WorkerLost ? unavailable(error) : error),
    );
    this.#watch(worker);
    return worker;
  }

  /** Follows a worker to its end. */
  #watch(worker: InferenceWorker): void {
    void worker.ended.then(() => {
      this.#leaving.delete(worker);
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#maxPhotos = 0;
      this.#pump();
    });
    void worker.spent.then(() => this.#replace(worker));
  }

  /**
   * Has another worker take over, with the same models: photos go to the old one until it is ready,
   * and the old one ends when it has finished those. Never rejects.
   */
  async #replace(worker: InferenceWorker): Promise<void> {
    if (this.#worker !== worker || this.#successor || this.#isClosed) return;
    const message =
      "The worker that colorizes has work left that nobody waits for; another takes " +
      "over.";
    this.#setting.log({ level: "warning", message, fields: { workerName: worker.name } });
    const successor = new InferenceWorker(this.#setting);
    this.#successor = successor;
    try {
      const maxPhotos = await successor.ready;
      await successor.loadThoseOf(worker);
      if (this.#isClosed) return;
      // The old one may have died meanwhile, and photos that wait may have had a third one started.
      if (this.#worker !== undefined && this.#worker !== worker) return await successor.stop(0);
      if (this.#worker === worker) this.#retire(worker);
      this.#worker = successor;
      this.#maxPhotos = maxPhotos;
      this.#watch(successor);
    } catch (error) {
      // It was lost; the old one goes on, and one that has none left begins anew.
      const message = `No other worker could take over: ${messageOf(error)}`;
      this.#setting.log({ level: "warning", message });
    } finally {
      this.#successor = undefined;
      if (this.#isClosed) await successor.kill("the server ended");
      else this.#pump();
    }
  }

  /** Lets a worker finish what it has, and end. */
  #retire(worker: InferenceWorker): void {
    const { maxDecodeMs, maxEncodeMs } = this.#setting.limits;
    this.#leaving.add(worker);
    void worker.stop(CLOCK_FACTOR * (maxDecodeMs + maxEncodeMs));
  }

  /** Hands photos to the worker while it may have more. */
  #pump(): void {
    for (;;) {
      const task = this.#next();
      if (task === undefined) break;
      this.#waiting.splice(this.#waiting.indexOf(task), 1);
      const worker = this.#start();
      this.#inWork.set(task, worker);
      void this.#work(task, worker).finally(() => {
        this.#inWork.delete(task);
        this.#tellIdle();
        this.#pump();
      });
    }
    if (this.#waiting.length > 0) this.#start();
  }

  /** The photo whose turn it is. One that was there when a worker died is tried once more, alone. */
  #next(): Task | undefined {
    if (this.#maxPhotos === 0) return undefined;
    const others = [...this.#inWork.keys()].filter((task) =>
      this.#inWork.get(task) === this.#worker
    );
    if (others.some(({ crashes }) => crashes > 0)) return undefined;
    const crashed = this.#waiting.find(({ crashes }) => crashes > 0);
    if (crashed !== undefined) return others.length === 0 ? crashed : undefined;
    return nextInTurn(this.#waiting, others, { photos: this.#maxPhotos, bytes: MAX_WORKER_BYTES });
  }

  /** Never rejects; settles when the worker is done with the photo. */
  async #work(task: Task, worker: InferenceWorker): Promise<void> {
    const { settings, photo, signal, takeRoom, done } = task;
    const takenMs = performance.now();
    using turn = this.#turnOf(settings);
    try {
      const { model, inUse } = await this.#useModel(worker, settings.model);
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
      this.#fail(task, error);
    }
  }

  /** When a frame may go to the worker: models are found and loaded at paces of their own. */
  #turnOf({ frame }: ColorizeSettings): Turn | undefined {
    if (frame?.videoId === undefined) return undefined;
    const turns = this.#videos.get(frame.videoId) ?? new FrameTurns();
    this.#videos.set(frame.videoId, turns);
    return turns.take();
  }

  /** Finds and loads a model, anew if it went in between: a job that trains replaces checkpoints. */
  async #useModel(worker: InferenceWorker, source: ModelSource) {
    for (let tries = 1;; tries++) {
      const model = await this.#findModel(source);
      try {
        return { model, inUse: await worker.useModel(model.folder, source.weights) };
      } catch (error) {
        const mayBeGone = "jobId" in source && typeof source.checkpoint !== "number" &&
          error instanceof TinctError && ["not_found", "data_loss"].includes(error.code);
        if (!mayBeGone || tries === 2) throw error;
      }
    }
  }

  #fail(task: Task, error: unknown): void {
    if (!(error instanceof WorkerLost)) return task.done.reject(error);
    task.crashes++;
    if (this.#isClosed) return task.done.reject(stopping());
    // What the worker knew of a video is lost with it.
    if (task.crashes > 1 || task.settings.frame?.videoId !== undefined) {
      return task.done.reject(unavailable(error));
    }
    if (!task.signal.aborted) this.#waiting.unshift(task);
  }
}

/** Of its files. */
function bytesOf({ photo, settings }: Task): number {
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
