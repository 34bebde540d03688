import type { ColorizeFramesRequest } from "../protocol/generated/tinct/v1/colorize_frames_request.ts";
import type {
  ModelReference,
  ModelReference__Output,
} from "../protocol/generated/tinct/v1/model_reference.ts";
import type { FrameSettings } from "../protocol/generated/tinct/v1/frame_settings.ts";
import { TinctError } from "../errors.ts";
import type { ServiceClient } from "../client/service_client.ts";
import { colorizePicture } from "../inference/colorize.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { receive } from "../protocol/receive.ts";
import { send } from "../protocol/send.ts";
import { ColoredVideo } from "../video/colored_video.ts";

/** Gives the frames of a video colours, in their order; [height, width, 3] each, in and out. */
export type FrameColors = (
  frames: AsyncIterable<Uint8Array>,
  size: { readonly width: number; readonly height: number },
  signal: AbortSignal,
) => AsyncGenerator<Uint8Array, void, undefined>;

/** Frames under way here: one is squashed or put into colour while the model sees the other. */
const CONCURRENCY = 2;

/** By a model in this process. */
export function colorsHere(
  colorizer: Colorizer,
  { saturation }: { readonly saturation: number },
): FrameColors {
  return async function* (frames, size, signal) {
    const video = new ColoredVideo();
    const open: Promise<Uint8Array>[] = [];
    const colorize = async (rgb: Uint8Array) => {
      using frame = video.enter();
      const picture = { ...size, rgb };
      return (await colorizePicture(picture, colorizer, { saturation, frame, signal })).rgb;
    };
    try {
      for await (const rgb of frames) {
        const colored = colorize(rgb);
        colored.catch(() => {}); // until its turn comes
        open.push(colored);
        if (open.length >= CONCURRENCY) yield await open.shift()!;
      }
      while (open.length > 0) yield await open.shift()!;
    } finally {
      await Promise.allSettled(open);
    }
  };
}

/**
 * What a reference to a model comes to on a server now, of which a pixel is colorized: what is promoted or
 * saved later is another model.
 *
 * @throws {TinctError} why the server does not colorize with it.
 */
export async function modelOfServer(
  client: ServiceClient,
  model: ModelReference,
  signal: AbortSignal,
): Promise<ModelReference__Output> {
  const call = client.colorization.colorizeFrames();
  const settings = { model, width: 1, height: 1, eachAlone: true };
  call.write({ settings, data: new Uint8Array(3), last: true });
  call.end();
  try {
    for await (const { frame } of receive(call, { signal })) if (frame?.model) return frame.model;
    throw new TinctError("internal", "The server did not say what it colorized with.");
  } catch (error) {
    signal.throwIfAborted();
    throw await client.explain(error);
  } finally {
    call.on("error", () => {}); // of the cancellation, where the call is not over
    call.cancel();
  }
}

/** Bytes of frames that are sent without their answer, about: they wait in memory. */
const AHEAD_BYTES = 64 * 2 ** 20;

/** By a server. @param settings but for the size. */
export function colorsOfServer(
  client: ServiceClient,
  settings: Omit<FrameSettings, "width" | "height">,
): FrameColors {
  return async function* (frames, size, signal) {
    const call = client.colorization.colorizeFrames();
    const ahead = Math.max(
      2,
      Math.min(8, Math.floor(AHEAD_BYTES / (size.width * size.height * 3))),
    );
    let [sent, received] = [0, 0];
    let wake = () => {};
    let failure: { readonly error: unknown } | undefined;
    let isOver = false;
    const sendAll = async () => {
      const write = (message: ColorizeFramesRequest) => send(call, message, { signal });
      await write({ settings: { ...settings, ...size } });
      for await (const rgb of frames) {
        while (sent - received >= ahead && !isOver) {
          await new Promise<void>((resolve) => wake = resolve);
        }
        if (isOver) return;
        sent++;
        for (const piece of piecesOf(rgb)) await write(piece);
      }
      call.end();
    };
    const sending = sendAll().catch((error) => {
      failure ??= { error };
      call.cancel(); // ends the receiving, too
    });
    try {
      let pieces: Buffer[] = [];
      for await (const { data, last } of receive(call, { signal })) {
        pieces.push(data);
        if (!last) continue;
        received++;
        wake();
        yield Buffer.concat(pieces);
        pieces = [];
      }
    } catch (error) {
      if (signal.aborted) throw error;
      // Where the server ended the call, sending fails of that; else reading the frames did.
      const own = failure?.error;
      const isOwn = own !== undefined && !(own instanceof TinctError && own.code === "cancelled");
      throw isOwn ? own : await client.explain(error);
    } finally {
      call.on("error", () => {}); // of the cancellation, where the call is not over
      call.cancel();
      isOver = true;
      wake();
      await sending;
    }
  };
}
