import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import type { EncodeFormat } from "../images/encode_format.ts";
import type { PictureColors } from "../hints/picture_colors.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import type { ColorizedPhoto__Output } from "../protocol/generated/tinct/v1/colorized_photo.ts";
import type { ColorizeSettings } from "../protocol/generated/tinct/v1/colorize_settings.ts";
import type { PictureColors__Output } from "../protocol/generated/tinct/v1/picture_colors.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { receive } from "../protocol/receive.ts";
import { send } from "../protocol/send.ts";
import { changed, isEndOfAll } from "./colorize_locally.ts";
import type { ColorizeReport } from "../results/colorize_report.ts";
import type { PlannedPhoto, PlannedResult } from "../results/planned_results.ts";
import { Reconnection } from "../client/reconnection.ts";
import type { ResultFiles } from "../results/result_files.ts";
import type { ServiceClient } from "../client/service_client.ts";

/** What is the same for all photos of a call. */
interface RemoteSettings {
  readonly client: ServiceClient;
  readonly files: ResultFiles;
  readonly report: ColorizeReport;
  readonly settings: Omit<ColorizeSettings, "format">;
  readonly signal: AbortSignal;
}

/** Times to call again without a photo in between. */
const retries = 5;

/** Photos that are sent without their answer, and bytes of them: this bounds what waits in memory. */
const maxAhead = { photos: 8, bytes: 64 * 1024 * 1024 };

const imageFormats = {
  jpeg: "IMAGE_FORMAT_JPEG",
  png: "IMAGE_FORMAT_PNG",
  webp: "IMAGE_FORMAT_WEBP",
  tiff: "IMAGE_FORMAT_TIFF",
  avif: "IMAGE_FORMAT_AVIF",
} as const satisfies Readonly<Record<EncodeFormat, string>>;

/** google.rpc.Code of what another call may fare better with: RESOURCE_EXHAUSTED, UNAVAILABLE. */
const passingFaults: readonly number[] = [8, 14];

/**
 * Colorizes photos on a server, and tells of each as its result comes. Photos whose answer is lost
 * with the connection, or that find the server's queue full, are sent again.
 *
 * @throws {TinctError} where the call as a whole failed, or no result can be written any more; the
 *   signal's reason.
 */
export async function colorizeRemotely(
  photos: readonly PlannedPhoto[],
  settings: RemoteSettings,
): Promise<void> {
  const { client, report, signal } = settings;
  const open = new Map(photos.map((photo, index) => [`${index}`, photo]));
  const reconnection = new Reconnection({ retries, signal });
  for (let answered = false;;) {
    const before = open.size;
    const call = new RemoteCall(open, settings);
    let failure: unknown;
    try {
      failure = await call.run();
    } catch (error) {
      if (signal.aborted || isEndOfAll(error)) throw error;
      failure = await client.explain(error);
      answered ||= call.answered;
      if (!answered && client.foundNoServer(error)) throw failure;
    }
    if (open.size === 0) return;
    if (open.size < before) reconnection.succeeded();
    try {
      await reconnection.pauseAfter(failure, (why) => console.error(why));
    } catch (error) {
      if (signal.aborted || error !== failure) throw error;
      for (const photo of open.values()) report.failure(photo, failure);
      return;
    }
  }
}

/** A photo under way. */
interface Sent {
  readonly photo: PlannedPhoto;
  readonly result: PlannedResult;
  readonly sizeBytes: number;
  readonly startMs: number;
}

/** One call, which takes the photos that it has told of off those that are open. */
class RemoteCall {
  readonly #open: Map<string, PlannedPhoto>;
  readonly #settings: RemoteSettings;
  readonly #sent = new Map<string, Sent>();
  /** Why photos stay open. */
  #passing: TinctError | undefined;
  #wake = () => {};
  /** Whether the server has said anything of a photo. */
  answered = false;

  constructor(open: Map<string, PlannedPhoto>, settings: RemoteSettings) {
    this.#open = open;
    this.#settings = settings;
  }

  /** @returns why photos are still open, where the server answered all of them. */
  async run(): Promise<TinctError | undefined> {
    const { client, signal } = this.#settings;
    const call = client.colorization.colorizeStream();
    const sending = this.#send(call);
    sending.catch(() => {}); // what cuts the sending ends the receiving too, with the reason
    try {
      let begun: { photo: ColorizedPhoto__Output | null; pieces: Buffer[] } | undefined;
      for await (const { photoId, photo, data, last, fault } of receive(call, { signal })) {
        this.answered = true;
        begun ??= { photo, pieces: [] };
        begun.pieces.push(data);
        if (!last) continue;
        if (fault !== null) this.#refused(photoId, fault);
        else await this.#received(photoId, begun.photo, Buffer.concat(begun.pieces));
        begun = undefined;
      }
      await sending;
    } finally {
      call.on("error", () => {}); // of the cancellation, where the call is not over
      call.cancel();
      this.#wake();
    }
    return this.#passing ?? new TinctError("unavailable", "the server left photos unanswered");
  }

  async #send(call: ReturnType<ServiceClient["colorization"]["colorizeStream"]>): Promise<void> {
    const { files, settings, signal } = this.#settings;
    for (const [photoId, photo] of [...this.#open]) {
      let bytes: Uint8Array;
      const { name, path, result } = photo;
      try {
        if (result !== undefined) await files.refuseTaken(result.path);
        ({ bytes } = await readPhotoFile(path, name));
        if (result === undefined) throw changed(name);
      } catch (error) {
        this.#failed(photoId, error);
        continue;
      }
      await this.#untilRoomFor(bytes.byteLength, call);
      const startMs = performance.now();
      this.#sent.set(photoId, { photo, result, sizeBytes: bytes.byteLength, startMs });
      const first = { settings: { ...settings, format: imageFormats[result.format] } };
      for (const [index, piece] of [...piecesOf(bytes)].entries()) {
        await send(call, { photoId, ...piece, ...(index === 0 && first) }, { signal });
      }
    }
    call.end();
  }

  async #untilRoomFor(sizeBytes: number, call: { readonly destroyed: boolean }): Promise<void> {
    const ahead = () => [...this.#sent.values()].reduce((sum, sent) => sum + sent.sizeBytes, 0);
    while (
      this.#sent.size >= maxAhead.photos ||
      (this.#sent.size > 0 && ahead() + sizeBytes > maxAhead.bytes)
    ) {
      const awaken = new Promise<void>((resolve) => this.#wake = resolve);
      if (call.destroyed) return; // sending will fail
      await awaken;
    }
  }

  async #received(
    photoId: string,
    photo: ColorizedPhoto__Output | null,
    picture: Buffer,
  ): Promise<void> {
    const { files, report, signal } = this.#settings;
    const sent = this.#sent.get(photoId);
    if (sent === undefined || photo === null) return; // no photo of ours
    const { path } = sent.result;
    try {
      await files.write(path, picture, signal);
      const durationMs = performance.now() - sent.startMs;
      const { width, height, pagesLeftOut } = photo;
      const colors = colorsOfMessage(photo.colors);
      report.written(sent.photo, {
        ...{ path, width, height, durationMs, pages: 1, pagesLeftOut },
        colors,
      });
      this.#settle(photoId);
    } catch (error) {
      if (signal.aborted || isEndOfAll(error)) throw error;
      this.#failed(photoId, error);
    }
  }

  #refused(photoId: string, { code, message }: { code: number; message: string }): void {
    if (!this.#sent.has(photoId)) return;
    if (passingFaults.includes(code)) {
      this.#passing = new TinctError("unavailable", message);
      this.#sent.delete(photoId);
      this.#wake();
    } else this.#failed(photoId, new TinctError("invalid_argument", message));
  }

  #failed(photoId: string, error: unknown): void {
    const photo = this.#open.get(photoId);
    if (photo !== undefined) this.#settings.report.failure(photo, error);
    this.#settle(photoId);
  }

  #settle(photoId: string): void {
    this.#open.delete(photoId);
    this.#sent.delete(photoId);
    this.#wake();
  }
}

function colorsOfMessage(colors: PictureColors__Output | null): PictureColors | undefined {
  if (colors?.cast == null) return undefined;
  const { colorfulness, cast, nearlyGray } = colors;
  return { colorfulness, cast, isNearlyGray: nearlyGray };
}
