import { TinctError } from "../errors.ts";
import { mebibytes } from "../words.ts";
import type { ColorizeRequest__Output } from "../protocol/generated/tinct/v1/colorize_request.ts";
import type { ColorizeResponse } from "../protocol/generated/tinct/v1/colorize_response.ts";
import type { CallScope } from "../calls/call_scope.ts";
import {
  checkFiles,
  checkPhotoBytes,
  modelMessage,
  settingsOf,
  timingsMessage,
} from "./colorize_messages.ts";
import type { ColorizeContext } from "./context.ts";
import { PictureRoom } from "../calls/door/memory_budget.ts";

/** What an answer has beside the picture, at most. */
const envelopeBytes = 4096;

/** Colorizes one photo. */
export async function colorize(
  { colorizing, settings }: ColorizeContext,
  request: ColorizeRequest__Output,
  { signal, trace, client, memory }: CallScope,
): Promise<ColorizeResponse> {
  const startMs = performance.now();
  const wanted = settingsOf(request);
  checkPhotoBytes(request.image.length, settings.maxPhotoMib, "image");
  checkFiles(wanted, settings.maxPhotoMib);
  const room = new PictureRoom(memory); // given back with the call
  const takeRoom = (bytes: number) => room.take(bytes);
  const photo = await trace.photo(() =>
    colorizing.colorize(request.image, wanted, { signal, client, takeRoom })
  );
  const limitBytes = settings.maxAnswerMib * 2 ** 20;
  if (photo.image.byteLength + envelopeBytes > limitBytes) {
    const mib = mebibytes(photo.image.byteLength);
    throw new TinctError(
      "resource_exhausted",
      `The result has ${mib} MiB, and the limit of Colorize is ${settings.maxAnswerMib} MiB: ` +
        "use ColorizeStream or ColorizeInPieces, give max_side or a lower quality, or ask for JPEG.",
      { kind: "TOO_LARGE", retryDelayMs: Infinity },
    );
  }
  return {
    image: photo.image,
    format: photo.format,
    width: photo.width,
    height: photo.height,
    pagesLeftOut: photo.pagesLeftOut,
    colors: photo.colors,
    device: photo.device,
    model: modelMessage(photo),
    timings: timingsMessage(photo, performance.now() - startMs),
  };
}
