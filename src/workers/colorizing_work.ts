import { availableParallelism } from "node:os";
import { readEnvironment } from "../config.ts";
import { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { loadModel } from "../imported/load_model.ts";
import { FreedMemory } from "../machine/allocator.ts";
import { EarlyCollection } from "../machine/early_collection.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { LoadModel__Output } from "../protocol/generated/tinct/worker/v1/load_model.ts";
import type { PhotoPiece__Output } from "../protocol/generated/tinct/worker/v1/photo_piece.ts";
import type { PhotoSettings__Output } from "../protocol/generated/tinct/worker/v1/photo_settings.ts";
import { weightsMessage, weightsOf } from "../protocol/weights_choice.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { Workroom } from "../images/workroom.ts";
import { ColoredVideo, type VideoFrame } from "../video/colored_video.ts";
import { colorizeFrame } from "./colorize_frame.ts";
import { colorizeOne, type LoadedModel, type PhotoLimits } from "./colorize_one.ts";
import { type Around, PassBatcher } from "./pass_batcher.ts";
import type { Command, Work } from "./server_link.ts";
import { SharedRoom } from "./shared_room.ts";

/** The files that a photo's pieces make. */
const pieceOf = {
  FILE_UNSPECIFIED: "photo",
  FILE_STROKES: "strokes",
  FILE_REFERENCE: "reference",
} as const;

type PieceOf = typeof pieceOf[keyof typeof pieceOf];

/** A photo that arrives, or is worked on. */
interface Photo {
  readonly settings: PhotoSettings__Output;
  readonly pieces: { readonly [File in PieceOf]: Uint8Array[] };
  readonly cancelled: AbortController;
}

/** Colorizes photos until the server says to stop. */
export async function workOnColorizing(work: Work): Promise<Finished> {
  const { colorizing } = work.assignment;
  const { libraryPath } = work.start;
  if (!colorizing || libraryPath === undefined) {
    throw new TypeError("A worker to colorize got another assignment.");
  }
  // Photos are of all sizes: what a large one took must not stay for the small ones after it.
  using _collection = new EarlyCollection();
  using _freed = new FreedMemory();
  const device = colorizing.device.startsWith("gpu") ? "gpu" : "cpu";
  using engine = await Engine.start({
    libraryPath,
    device,
    threads: colorizing.threads,
    visibleGpus: readEnvironment().visibleGpus,
    log: true, // into the server's log
  });
  // Beside a GPU one thread feeds it.
  const threads = device === "gpu" ? 1 : colorizing.threads || availableParallelism();
  await using desk = new PhotoDesk(engine, work, colorizing, threads);
  const stopped = new Promise<void>((resolve) =>
    work.onCommand((command) => {
      if (command.kind === "stop") resolve();
      else desk.take(command);
    })
  );
  work.send({ ready: { maxPhotos: 2 * colorizing.maxBatchSize } });
  await stopped;
  await desk.settled();
  return { outcome: "OUTCOME_STOPPED" };
}

/** How many times its processor time a photo may take by the clock before the machine is too busy. */
const CLOCK_FACTOR = 6;

/** How far photos may go here. */
type DeskLimits = PhotoLimits & {
  readonly maxBatchSize: number;
  readonly workBytes: number;
  readonly sharesWorkBytes: boolean;
};

/** Loads models, and takes photos in and out. */
class PhotoDesk implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #send: Work["send"];
  readonly #faultOf: Work["faultOf"];
  readonly #limits: DeskLimits;
  readonly #room: Workroom;
  readonly #shared: SharedRoom;
  readonly #around: Around;
  readonly #models = new Map<number, LoadedModel>();
  readonly #photos = new Map<number, Photo>();
  /** By their names. */
  readonly #videos = new Map<string, ColoredVideo>();
  /** What is under way; nothing in it rejects. */
  readonly #tasks = new Set<Promise<void>>();
  /** Models are loaded and let go one after the other. */
  #loading: Promise<void> = Promise.resolve();

  /** @param threads that TensorFlow keeps busy while it computes. */
  constructor(
    engine: Engine,
    { send, faultOf }: Work,
    limits: DeskLimits,
    threads: number,
  ) {
    this.#engine = engine;
    this.#send = send;
    this.#faultOf = faultOf;
    this.#limits = limits;
    this.#shared = new SharedRoom(send);
    this.#room = new Workroom({
      memoryBytes: limits.workBytes,
      maxLarge: Math.max(1, Math.floor(availableParallelism() / 2)),
      clockFactor: CLOCK_FACTOR,
      enterShared: limits.sharesWorkBytes ? (...wish) => this.#shared.enter(...wish) : undefined,
      onStuck: () => send({ spent: {} }),
    });
    this.#around = (work) => this.#room.beside(work, threads);
  }

  take({ kind, value }: Command): void {
    if (kind === "load") this.#queueLoading(() => this.#load(value));
    else if (kind === "unload") this.#queueLoading(() => this.#unload(value.modelId));
    else if (kind === "photo") this.#takePiece(value);
    else if (kind === "roomGrant") this.#shared.grant(value.roomId);
    else if (kind === "endVideo") this.#videos.delete(value.videoId);
    else if (kind === "cancel") {
      this.#photos.get(value.photoId)?.cancelled.abort(
        new TinctError("cancelled", "Nobody waits for the photo any more."),
      );
    }
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#tasks, this.#loading]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
    for (const { colorizer } of this.#models.values()) colorizer[Symbol.dispose]();
  }

  #queueLoading(load: () => Promise<void>): void {
    this.#loading = this.#loading.then(load);
  }

  async #load({ modelId, folder, weights }: LoadModel__Output): Promise<void> {
    try {
      const colorizer = await loadModel(this.#engine, folder, { weights: weightsOf(weights) });
      const around = this.#around;
      await around(() => colorizer.prepare());
      const batcher = new PassBatcher(colorizer, this.#limits.maxBatchSize, around);
      this.#models.set(modelId, { colorizer, batcher, around });
      this.#send({
        loaded: {
          modelId,
          size: colorizer.size,
          weights: weightsMessage(colorizer.source.weights),
        },
      });
    } catch (error) {
      this.#send({ loaded: { modelId, fault: this.#faultOf(error) } });
    }
  }

  /** After the photos that came before: the server has no answer open for it when it says so. */
  async #unload(modelId: number): Promise<void> {
    await Promise.all(this.#tasks);
    this.#models.get(modelId)?.colorizer[Symbol.dispose]();
    this.#models.delete(modelId);
  }

  #takePiece({ photoId, settings, data, last, file }: PhotoPiece__Output): void {
    const photo = this.#photos.get(photoId) ?? (settings && {
      settings,
      pieces: { photo: [], strokes: [], reference: [] },
      cancelled: new AbortController(),
    });
    if (!photo) return; // the rest of one that was answered already
    this.#photos.set(photoId, photo);
    photo.pieces[pieceOf[file]].push(data);
    if (!last) return;
    const task = this.#answer(photoId, photo).finally(() => {
      this.#tasks.delete(task);
      this.#photos.delete(photoId);
    });
    this.#tasks.add(task);
  }

  #enter(videoId: string): VideoFrame | undefined {
    if (videoId === "") return undefined;
    const video = this.#videos.get(videoId) ?? new ColoredVideo();
    this.#videos.set(videoId, video);
    return video.enter();
  }

  async #answer(photoId: number, { settings, pieces, cancelled }: Photo): Promise<void> {
    using frame = this.#enter(settings.videoId); // before anything is waited for, so in order
    try {
      const model = this.#models.get(settings.modelId);
      if (!model) throw new TypeError(`There is no model ${settings.modelId}.`);
      const files = {
        photo: joined(pieces.photo) ?? new Uint8Array(0),
        strokes: joined(pieces.strokes),
        reference: joined(pieces.reference),
      };
      const desk = { room: this.#room, limits: this.#limits };
      const made = settings.videoId === "" && !settings.loneFrame
        ? await colorizeOne(files, model, settings, desk, cancelled.signal)
        : await colorizeFrame(files.photo, model, { ...settings, frame }, desk, cancelled.signal);
      let first = true;
      for (const { data, last } of piecesOf(made.image)) {
        this.#send({ result: { photoId, data, last, ...(first && { photo: made.result }) } });
        first = false;
      }
    } catch (error) {
      this.#send({ result: { photoId, last: true, fault: this.#faultOf(error) } });
    }
  }
}

/** A file of its pieces, which are let go; undefined where there are none. */
function joined(pieces: Uint8Array[]): Uint8Array | undefined {
  if (pieces.length === 0) return undefined;
  const file = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  pieces.length = 0;
  return file;
}
