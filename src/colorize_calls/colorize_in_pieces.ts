import type { ColorizeInPiecesRequest__Output } from "../protocol/generated/tinct/v1/colorize_in_pieces_request.ts";
import type { ColorizeInPiecesResponse } from "../protocol/generated/tinct/v1/colorize_in_pieces_response.ts";
import { piecesOf } from "../protocol/pieces.ts";
import type { CallScope } from "../calls/call_scope.ts";
import { PictureRoom } from "../calls/door/memory_budget.ts";
import {
  checkFiles,
  checkPhotoBytes,
  inSettings,
  photoMessage,
  settingsOf,
} from "./colorize_messages.ts";
import type { ColorizeContext } from "./context.ts";

/** Colorizes one photo; its result goes out piece by piece, at the client's pace. */
export async function* colorizeInPieces(
  { colorizing, settings: { maxPhotoMib } }: ColorizeContext,
  { image, settings }: ColorizeInPiecesRequest__Output,
  { signal, trace, client, memory }: CallScope,
): AsyncGenerator<ColorizeInPiecesResponse, void, undefined> {
  const startMs = performance.now();
  if (settings === null) throw new TypeError("A request without settings is refused before.");
  const wanted = settingsOf(settings, "settings.");
  checkPhotoBytes(image.length, maxPhotoMib, "image");
  checkFiles(wanted, maxPhotoMib, "settings.");
  const room = new PictureRoom(memory); // given back with the call
  const takeRoom = (bytes: number) => room.take(bytes);
  const photo = await trace.photo(() =>
    colorizing.colorize(image, wanted, { signal, client, takeRoom })
  ).catch((error) => {
    throw inSettings(error);
  });
  const told = photoMessage(photo, performance.now() - startMs);
  let isFirst = true;
  for (const { data } of piecesOf(photo.image)) {
    yield { photo: isFirst ? told : null, data };
    isFirst = false;
  }
}
