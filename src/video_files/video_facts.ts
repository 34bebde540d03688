import { TinctError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../files/strict_json.ts";
import { shown } from "../shown.ts";
import { fileUrl, outputOf } from "./ffmpeg.ts";

/** What a file says of its video. */
export interface VideoFacts {
  /** Of the frames as they are shown, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Shape of a pixel, such as "1:1". */
  readonly pixelAspect: string;
  /** Unit of its time stamps in seconds, such as "1/12800". */
  readonly timeBase: string;
  /** Frames a second, on average. */
  readonly rate: number;
  /** How many there are about; undefined where nothing says so. */
  readonly frames: number | undefined;
  readonly hasSound: boolean;
  readonly hasSubtitles: boolean;
}

/** The most pixels of a frame: 4K as cinemas have it. */
const MAX_PIXELS = 4096 * 2160;

/** The longest side of a frame. */
const MAX_SIDE = 4096;

/**
 * Asks ffprobe.
 *
 * @throws {TinctError} invalid_argument: no video, or too large a one; failed_precondition: no ffprobe.
 */
export async function readVideoFacts(path: string, signal: AbortSignal): Promise<VideoFacts> {
  const text = await outputOf("ffprobe", [
    ...["-v", "error", "-show_streams", "-show_format", "-of", "json", "-i", fileUrl(path)],
  ], { what: `looking at ${shown(path)}`, signal }).catch((error) => {
    throw isNoVideo(error) ? noVideo(path, error) : error;
  });
  const found: JsonValue = JSON.parse(text);
  const streams = isJsonObject(found) && Array.isArray(found.streams)
    ? found.streams.filter(isJsonObject)
    : [];
  const isPicture = ({ disposition }: JsonObject) =>
    isJsonObject(disposition) && disposition.attached_pic === 1;
  const video = streams.find((each) => each.codec_type === "video" && !isPicture(each));
  const [storedWidth, storedHeight] = [Number(video?.width), Number(video?.height)];
  if (video === undefined || !(storedWidth > 0) || !(storedHeight > 0)) {
    throw new TinctError("invalid_argument", `There is no video in ${shown(path)}.`);
  }
  const isTurned = Math.abs(rotationOf(video)) % 180 === 90;
  const [width, height] = isTurned ? [storedHeight, storedWidth] : [storedWidth, storedHeight];
  if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new TinctError(
      "invalid_argument",
      `The frames of ${
        shown(path)
      } are ${width} x ${height} pixels, and at most 4096 x 2160 can be ` +
        "colorized: make them smaller first (ffmpeg's filter `scale`).",
    );
  }
  const rate = fraction(video.avg_frame_rate) || fraction(video.r_frame_rate) || 25;
  const seconds = Number(video.duration) ||
    Number(isJsonObject(found) && isJsonObject(found.format) ? found.format.duration : NaN);
  const frames = Number(video.nb_frames) || Math.round(seconds * rate);
  const aspect = String(video.sample_aspect_ratio ?? "1:1");
  const [across = "1", down = "1"] = /^[1-9]\d*:[1-9]\d*$/.test(aspect) ? aspect.split(":") : [];
  return {
    width,
    height,
    pixelAspect: isTurned ? `${down}:${across}` : `${across}:${down}`,
    timeBase: String(video.time_base),
    rate,
    frames: frames > 0 ? frames : undefined,
    hasSound: streams.some((each) => each.codec_type === "audio"),
    hasSubtitles: streams.some((each) => each.codec_type === "subtitle"),
  };
}

/** Whether ffprobe knows no format in which a file is. */
function isNoVideo(error: unknown): error is TinctError {
  return error instanceof TinctError && error.message.includes(INVALID_DATA);
}

/** How it says so. */
const INVALID_DATA = "Invalid data found when processing input";

function noVideo(path: string, cause: TinctError): TinctError {
  const message = `${
    shown(path)
  } is no video that ffmpeg knows, or a damaged one; play it, or name another file.`;
  return new TinctError("invalid_argument", message, { cause });
}

/** Degrees by which the frames are turned when they are shown. */
function rotationOf(video: JsonObject): number {
  const sides = Array.isArray(video.side_data_list)
    ? video.side_data_list.filter(isJsonObject)
    : [];
  const tags = isJsonObject(video.tags) ? video.tags : {};
  return Number(sides.find(({ rotation }) => rotation !== undefined)?.rotation ?? tags.rotate ?? 0);
}

/** The value of "30000/1001"; NaN where it is none. */
function fraction(text: unknown): number {
  const [over = NaN, under = 1] = String(text).split("/").map(Number);
  return over / under;
}
