import { randomUUID } from "node:crypto";
import { onAbort, unlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { Violations } from "../calls/fields.ts";
import type { CallScope } from "../calls/call_scope.ts";
import type { ColorizedPhoto, ColorizeSettings } from "../colorizing/colorizing.ts";
import { findModel } from "../colorizing/model_finder.ts";
import type { ColorizeFramesRequest__Output } from "../protocol/generated/tinct/v1/colorize_frames_request.ts";
import type { ColorizeFramesResponse } from "../protocol/generated/tinct/v1/colorize_frames_response.ts";
import type { FrameSettings__Output } from "../protocol/generated/tinct/v1/frame_settings.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../protocol/pieces.ts";
import { misplaced, modelMessage, sourceOf, timingsMessage } from "./colorize_messages.ts";
import type { ColorizeContext } from "./context.ts";

/** The most pixels of a frame: 4K as cinemas have it. */
const MAX_FRAME_PIXELS = 4096 * 2160;

/** Bytes of frames that a call has under way, about; each is there twice, before and after. */
const AHEAD_BYTES = 64 * 2 ** 20;

/**
 * Colorizes the frames of a video, and answers in their order. Reads no further than a few frames ahead
 * of those that the client has taken, so that neither side's pace makes memory grow here.
 */
export function colorizeFrames(
  context: ColorizeContext,
  requests: AsyncIterable<ColorizeFramesRequest__Output>,
  scope: CallScope,
): AsyncIterable<ColorizeFramesResponse> {
  return new FrameStream(context, requests, scope).run();
}

/** What all frames of a call have in common. */
interface Video {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Of a frame. */
  readonly sizeBytes: number;
  /** Frames under way, at most. */
  readonly ahead: number;
  readonly settings: ColorizeSettings;
}

/** The frame that is arriving. */
interface Arriving {
  readonly rgb: Buffer;
  /** Bytes of it that are there. */
  filled: number;
}

class FrameStream {
  readonly #context: ColorizeContext;
  readonly #requests: AsyncIterable<ColorizeFramesRequest__Output>;
  readonly #scope: CallScope;
  /** The frames in work or done, the first one first. */
  readonly #answers: Promise<ColorizeFramesResponse[]>[] = [];
  #video: Video | undefined;
  /** Frames that have begun to arrive. */
  #begun = 0;
  /** Frames that the client has. */
  #sent = 0;
  /** Something has changed that one of both sides may wait for. */
  #changed = Promise.withResolvers<void>();
  /** Runs while a frame arrives. */
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(
    context: ColorizeContext,
    requests: AsyncIterable<ColorizeFramesRequest__Output>,
    scope: CallScope,
  ) {
    this.#context = context;
    this.#requests = requests;
    this.#scope = scope;
  }

  /** Reads frames, and meanwhile gives out those that are done. */
  async *run(): AsyncGenerator<ColorizeFramesResponse, void, undefined> {
    const { signal, memory } = this.#scope;
    using _listening = onAbort(signal, () => this.#change());
    let isOver = false;
    const reading = this.#readAll().finally(() => {
      isOver = true;
      this.#change();
    });
    reading.catch((error) => this.#scope.end(error)); // what waits for the client, too
    try {
      while (!isOver || this.#answers.length > 0) {
        const { promise } = this.#changed;
        const [answer] = this.#answers;
        if (answer === undefined) {
          await promise;
          continue;
        }
        yield* await answer;
        this.#answers.shift();
        memory.free(2 * this.#video!.sizeBytes);
        this.#sent++;
        this.#change();
      }
      await reading;
    } catch (error) {
      this.#scope.end(error); // the frames after it
      throw error;
    } finally {
      clearTimeout(this.#late);
      await Promise.allSettled([reading, ...this.#answers]);
      if (this.#video) this.#context.colorizing.endVideo(this.#video.id);
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #readAll(): Promise<void> {
    let arriving: Arriving | undefined;
    for await (const piece of this.#requests) arriving = await this.#take(piece, arriving);
    if (arriving === undefined) return;
    const { sizeBytes } = this.#video!;
    throw misplaced(
      `The call ended in the middle of ${this.#named()}, with ${arriving.filled} of ${sizeBytes} bytes`,
      "last",
    );
  }

  /** @returns the frame that goes on arriving, if any. */
  async #take(
    { settings, data, last }: ColorizeFramesRequest__Output,
    arriving: Arriving | undefined,
  ): Promise<Arriving | undefined> {
    if (data.length > MAX_PIECE_BYTES) {
      throw misplaced(`A piece may have ${MAX_PIECE_BYTES} bytes, not ${data.length}`, "data");
    }
    if (settings !== null) {
      if (this.#video) {
        throw misplaced(
          "Settings stand in the first message of a call: begin another call for other settings",
          "settings",
        );
      }
      this.#video = await this.#begin(settings);
    }
    const video = this.#video;
    if (video === undefined) {
      throw misplaced("The first message of a call must have settings", "settings");
    }
    if (data.length === 0 && !last && arriving === undefined) return undefined;
    const frame = arriving ?? await this.#beginFrame(video);
    const filled = frame.filled + data.length;
    if (filled > video.sizeBytes || last && filled < video.sizeBytes) {
      const found = filled > video.sizeBytes ? `more than ${video.sizeBytes}` : `${filled}`;
      throw misplaced(
        `The ${this.#named()} has ${found} bytes, and one of ${video.width} x ${video.height} ` +
          `pixels has ${video.sizeBytes}: all frames of a call have the size that its settings say; ` +
          "begin another call for another size",
        "data",
      );
    }
    frame.rgb.set(data, frame.filled);
    frame.filled = filled;
    if (!last) return frame;
    clearTimeout(this.#late);
    this.#answers.push(this.#answer(frame.rgb, this.#begun - 1, video));
    this.#change();
    return undefined;
  }

  async #begin(settings: FrameSettings__Output): Promise<Video> {
    const { store, dataFolder, status } = this.#context;
    const { maxPhotoMegapixels, maxPhotoMib, maxPhotosPerCall } = this.#context.settings;
    const { width, height, saturation = 1, eachAlone } = settings;
    const violations = new Violations(
      status.requests.violationsOf("tinct.v1.FrameSettings", settings, "settings."),
    );
    const sizeBytes = width * height * 3;
    const most = Math.floor(
      Math.min(MAX_FRAME_PIXELS, maxPhotoMegapixels * 1e6, maxPhotoMib * 2 ** 20 / 3),
    );
    violations.check(
      width * height <= most,
      "settings.height",
      `times width must be at most ${most} pixels, not ${width} x ${height} = ${width * height}`,
    );
    const model = sourceOf(settings.model, "settings.model", violations);
    violations.refuse();
    if (model === undefined) throw new TypeError("A model without a violation is whole.");
    // All frames are of one model, whatever a job saves or somebody promotes meanwhile.
    const found = await findModel(store, dataFolder, model);
    const { weights } = model;
    const id = randomUUID();
    return {
      id,
      width,
      height,
      sizeBytes,
      ahead: Math.min(maxPhotosPerCall, Math.max(1, Math.floor(AHEAD_BYTES / sizeBytes))),
      settings: {
        model: "name" in found
          ? { name: found.name, version: found.version, weights }
          : { jobId: found.jobId, checkpoint: found.step, weights },
        saturation,
        pixels: { width, height },
        asPixels: true,
        frame: { videoId: eachAlone ? undefined : id },
      },
    };
  }

  /** Waits for the room of a frame: here a client that sends faster than it reads, or than we work, waits. */
  async #beginFrame({ sizeBytes, ahead }: Video): Promise<Arriving> {
    const { memory, signal } = this.#scope;
    const seconds = this.#context.settings.maxArrivalSeconds;
    while (this.#begun - this.#sent >= ahead) {
      signal.throwIfAborted();
      await this.#changed.promise;
    }
    signal.throwIfAborted();
    // Until the client has it in colour.
    await unlessAborted(memory.take(2 * sizeBytes, seconds * 1000), signal);
    this.#begun++;
    this.#late = setTimeout(() => {
      const message =
        `The last piece of ${this.#named()} has not come ${seconds} s after its first.`;
      this.#scope.end(new TinctError("deadline_exceeded", message));
    }, seconds * 1000);
    const rgb = Buffer.allocUnsafeSlow(sizeBytes);
    memory.keepBuffer(rgb);
    return { rgb, filled: 0 };
  }

  /** Rejections are those of the call; `run` throws the first one. */
  #answer(rgb: Buffer, frameNumber: number, video: Video): Promise<ColorizeFramesResponse[]> {
    const { signal, client, trace, memory } = this.#scope;
    const startMs = performance.now();
    const work = trace.photo(() =>
      this.#context.colorizing.colorize(rgb, video.settings, { signal, client })
    ).finally(() => memory.releaseKept(rgb)).then((photo) => {
      const frame = frameMessage(photo, performance.now() - startMs);
      return [...piecesOf(photo.image)].map(({ data, last }, index): ColorizeFramesResponse => ({
        frameNumber,
        frame: index > 0 ? null : frame,
        data,
        last,
      }));
    });
    work.catch(() => {}); // until its turn comes
    return work;
  }

  /** The frame that is arriving. */
  #named(): string {
    return `frame ${Math.max(0, this.#begun - 1)}`;
  }
}

function frameMessage(photo: ColorizedPhoto, totalMs: number) {
  return {
    startsShot: photo.startsShot,
    model: modelMessage(photo),
    timings: timingsMessage(photo, totalMs),
    device: photo.device,
  };
}
