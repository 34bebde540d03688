import { onAbort } from "../abort.ts";
import { modelsFolder, runsFolder } from "../files/data_folder.ts";
import { TinctError } from "../errors.ts";
import { errorOf } from "../protocol/faults.ts";
import type { _tinct_worker_v1_PhotoPiece_File__Output as PieceFile } from "../protocol/generated/tinct/worker/v1/photo_piece.ts";
import type { PhotoResult__Output } from "../protocol/generated/tinct/worker/v1/photo_result.ts";
import type { PhotoSettings } from "../protocol/generated/tinct/worker/v1/photo_settings.ts";
import type { ResultPiece__Output } from "../protocol/generated/tinct/worker/v1/result_piece.ts";
import type { RoomWish__Output } from "../protocol/generated/tinct/worker/v1/room_wish.ts";
import { type Piece, piecesOf } from "../protocol/pieces.ts";
import { durationOf } from "../protocol/times.ts";
import type { ColorizeCall, ColorizeSettings } from "./colorizing.ts";
import type { GeneratorWeights } from "./model_reference.ts";
import { deviceNamed } from "../fleet/find_devices.ts";
import { LoadedModels, type ModelInUse } from "./loaded_models.ts";
import type { ModelBudget } from "./model_budget.ts";
import type { WorkMemory } from "../work_memory.ts";
import { environmentFor, type FleetSetting } from "../fleet/worker_environment.ts";
import { describeLoss, type WorkerMessage, WorkerSession } from "../fleet/worker_session.ts";

/** Thrown at photos whose worker died; it may have died of another one. */
export class WorkerLost extends Error {}

/** A photo as it came back. */
export interface WorkerAnswer {
  readonly result: PhotoResult__Output;
  readonly image: Uint8Array;
}

/** A photo that is with the worker. */
interface Pending {
  readonly pieces: Uint8Array[];
  result: PhotoResult__Output | undefined;
  readonly answered: PromiseWithResolvers<WorkerAnswer>;
  readonly takeRoom: ColorizeCall["takeRoom"];
}

/** What a worker is started with, beside what all are. */
export interface WorkerPlacing {
  /** Such as "cpu". */
  readonly device: string;
  /** 0: as many as there are processors. */
  readonly threads: number;
  /** How many models it may hold, with others on its device. */
  readonly models: ModelBudget;
  /** What photos in work may take, with those of other workers; its own alone when left out. */
  readonly memory: WorkMemory | undefined;
}

/** The process that colorizes, with the models that it has loaded. */
export class InferenceWorker {
  /** How many photos it may have at a time, once it is ready; rejects where it never is. */
  readonly ready: Promise<number>;
  /** Settles when it is gone, with what waits for it rejected; never rejects. */
  readonly ended: Promise<void>;
  /** Settles, if ever, when another one is to take over: it has work left that only its end ends. */
  readonly spent: Promise<void>;
  /** What it computes on, such as "cpu". */
  readonly device: string;
  readonly #session: WorkerSession;
  readonly #models: LoadedModels;
  readonly #ready = Promise.withResolvers<number>();
  readonly #spent = Promise.withResolvers<void>();
  readonly #pending = new Map<number, Pending>();
  #lastPhotoId = 0;

  readonly #memory: WorkMemory | undefined;
  /** The parts of that memory that photos have or wait for, by the worker's numbers. */
  readonly #rooms = new Map<number, AbortController>();

  /** Starts it. */
  constructor(setting: FleetSetting, { device: name, threads, models, memory }: WorkerPlacing) {
    const { options, limits, log } = setting;
    const { dataFolder, libraryPath, devices } = options;
    const device = deviceNamed(name, devices);
    this.#memory = memory;
    this.device = name;
    this.ready = this.#ready.promise;
    this.spent = this.#spent.promise;
    this.ready.catch(() => {}); // its waiters hear of it
    this.#session = new WorkerSession(setting, {
      access: {
        program: "colorize",
        read: [runsFolder(dataFolder), modelsFolder(dataFolder)],
        write: [],
        libraryPath,
        environment: environmentFor(device, options.environment),
      },
      assignment: {
        colorizing: {
          device: name,
          threads,
          maxBatchSize: limits.maxBatchSize,
          maxPhotoPixels: limits.maxPhotoPixels,
          maxPhotoSide: limits.maxPhotoSide,
          maxDecodeTime: durationOf(limits.maxDecodeMs),
          maxEncodeTime: durationOf(limits.maxEncodeMs),
          maxAvifPixels: limits.maxAvifPixels,
          workBytes: limits.maxWorkBytes,
          sharesWorkBytes: memory !== undefined,
        },
      },
      onMessage: (message) => this.#take(message),
    });
    this.#models = new LoadedModels((message) => this.#session.send(message), models);
    this.ended = this.#end(log);
  }

  /** What its place calls it. */
  get name(): string {
    return this.#session.name;
  }

  /** Whether the model in a folder is in its memory. */
  isLoaded(folder: string): boolean {
    return this.#models.isLoaded(folder);
  }

  /** How many models it has, with those that load. */
  get modelCount(): number {
    return this.#models.count;
  }

  /** Whether it has a model, or loads it. */
  hasModel(folder: string, weights: GeneratorWeights | undefined): boolean {
    return this.#models.has(folder, weights);
  }

  /** Keeps its models, beside those of the one that takes over, until it ends. */
  leaveBudget(): void {
    this.#models.leaveBudget();
  }

  /** Lets the model in a folder go, see `Colorizing`. */
  unload(folder: string): void {
    this.#models.unload(folder);
  }

  /** Loads the models that another worker has; those that cannot be are left out. */
  async loadThoseOf(other: InferenceWorker): Promise<void> {
    const models = other.#models.loaded();
    const uses = models.map(({ folder, weights }) => this.#models.use(folder, weights));
    for (const use of await Promise.allSettled(uses)) {
      if (use.status === "fulfilled") use.value[Symbol.dispose]();
    }
  }

  /** Lets what is known of a video go, see `Colorizing`. */
  endVideo(videoId: string): void {
    this.#session.send({ endVideo: { videoId } });
  }

  /**
   * Has a model ready for photos until it is disposed of.
   *
   * @throws {TinctError} what loading failed with. @throws {WorkerLost}
   */
  async useModel(folder: string, weights?: GeneratorWeights): Promise<ModelInUse> {
    return await this.#models.use(folder, weights);
  }

  /**
   * Colorizes a photo.
   *
   * @returns `answer` rejects with a TinctError for the photo's own fault, with WorkerLost, or with
   *   the signal's reason, then at once; `settled`: when the worker is done with the photo.
   */
  colorize(
    photo: Uint8Array,
    settings: PhotoSettings,
    { signal, takeRoom, files = {} }: ColorizeCall & {
      readonly signal: AbortSignal;
      /** That go with it. */
      readonly files?: Pick<ColorizeSettings, "strokes" | "reference">;
    },
  ): { readonly answer: Promise<WorkerAnswer>; readonly settled: Promise<void> } {
    const photoId = ++this.#lastPhotoId;
    const pending: Pending = {
      pieces: [],
      result: undefined,
      answered: Promise.withResolvers(),
      takeRoom,
    };
    this.#pending.set(photoId, pending);
    let first = true;
    const send = (piece: Piece, file: PieceFile) => {
      this.#session.send({ photo: { photoId, ...piece, file, ...(first && { settings }) } });
      first = false;
    };
    const beside = [["FILE_STROKES", files.strokes], ["FILE_REFERENCE", files.reference]] as const;
    for (const [file, bytes] of beside) {
      if (bytes === undefined) continue;
      for (const { data } of piecesOf(bytes)) send({ data, last: false }, file);
    }
    for (const piece of piecesOf(photo)) send(piece, "FILE_UNSPECIFIED");
    const aborted = Promise.withResolvers<never>();
    const listening = onAbort(signal, (reason) => {
      this.#session.send({ cancel: { photoId } });
      aborted.reject(reason);
    });
    const { promise } = pending.answered;
    const settled = promise.then(() => {}, () => {})
      .finally(() => listening[Symbol.dispose]());
    return { answer: Promise.race([promise, aborted.promise]), settled };
  }

  /** Lets it finish the photos that it has, and end. */
  async stop(graceMs: number): Promise<void> {
    this.#session.stop(graceMs);
    await this.ended;
  }

  /** @param reason half a sentence. */
  async kill(reason: string): Promise<void> {
    this.#session.kill(reason);
    await this.ended;
  }

  #take({ kind, value }: WorkerMessage): void {
    if (kind === "ready") this.#ready.resolve(Math.max(1, value.maxPhotos));
    else if (kind === "loaded") this.#models.noteLoaded(value);
    else if (kind === "spent") this.#spent.resolve();
    else if (kind === "result") this.#takePiece(value);
    else if (kind === "roomWish") this.#takeWish(value);
  }

  /** A photo waits for memory that is other workers', too, or gives it back. */
  #takeWish({ roomId, bytes }: RoomWish__Output): void {
    const before = this.#rooms.get(roomId);
    if (bytes === 0 || this.#memory === undefined) {
      this.#rooms.delete(roomId);
      return before?.abort();
    }
    const room = new AbortController();
    this.#rooms.set(roomId, room);
    this.#memory.enter(bytes, room.signal).then((leave) => {
      onAbort(room.signal, leave);
      this.#session.send({ roomGrant: { roomId } });
    }, () => {}); // nobody wants it any more
  }

  #takePiece({ photoId, photo, data, last, fault }: ResultPiece__Output): void {
    const pending = this.#pending.get(photoId);
    if (!pending) return;
    if (photo && !pending.result) {
      pending.result = photo;
      try {
        pending.takeRoom?.(photo.sizeBytes);
      } catch (error) {
        this.#pending.delete(photoId); // the rest of it is passed over
        this.#session.send({ cancel: { photoId } });
        return pending.answered.reject(error);
      }
    }
    if (data.byteLength > 0) pending.pieces.push(data);
    if (!last && !fault) return;
    this.#pending.delete(photoId);
    if (fault) return pending.answered.reject(errorOf(fault));
    const { result, pieces, answered } = pending;
    if (result) answered.resolve({ result, image: joined(pieces) });
    else answered.reject(new TinctError("internal", "The worker gave an answer without a photo."));
  }

  async #end(log: FleetSetting["log"]): Promise<void> {
    const end = await this.#session.ended;
    const { finished } = end;
    const reason = finished?.fault
      ? errorOf(finished.fault)
      : new WorkerLost(`The worker that colorizes was lost: ${describeLoss(end)}.`);
    if (finished?.outcome !== "OUTCOME_STOPPED") {
      log({ level: "warning", message: reason.message, error: end.failure?.error });
    }
    this.#ready.reject(reason);
    this.#models.fail(reason);
    for (const room of this.#rooms.values()) room.abort();
    this.#rooms.clear();
    for (const { answered } of this.#pending.values()) answered.reject(reason);
    this.#pending.clear();
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return pieces.length === 1 && only ? only : Buffer.concat(pieces);
}
