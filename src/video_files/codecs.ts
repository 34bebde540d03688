import { extname } from "node:path";
import { TinctError } from "../errors.ts";
import { shown } from "../shown.ts";

/** How videos are encoded. */
export const codecNames = ["h264", "hevc", "ffv1"] as const;

type Codec = typeof codecNames[number];

/** How the pictures of a video are kept. */
export interface Encoding {
  readonly codec: Codec;
  /** Constant rate factor, 1 to 51, less is better; 0: the codec's own default. */
  readonly crf: number;
}

const defaultCrf = { h264: 18, hevc: 20 } as const;

/** ffmpeg's names of the containers, by extension. */
const containers: Readonly<Record<string, string>> = {
  ".mp4": "mp4",
  ".m4v": "mp4",
  ".mov": "mov",
  ".mkv": "matroska",
};

/** ffmpeg's name of a file's container. @throws {TinctError} for one that cannot be written. */
export function containerOf(path: string, codec: Codec): string {
  const container = containers[extname(path).toLowerCase()];
  if (container === undefined) {
    const known = Object.keys(containers).join(", ");
    throw new TinctError(
      "invalid_argument",
      `The name of the result must end in one of ${known}, not ${shown(path)}.`,
    );
  }
  if (codec === "ffv1" && container !== "matroska") {
    throw new TinctError("invalid_argument", `ffv1 goes into .mkv, not ${shown(extname(path))}.`);
  }
  return container;
}

/** ffmpeg's options for encoding RGB frames of a size. */
export function encodingOptions(
  { codec, crf }: Encoding,
  { width, height, pixelAspect }: {
    readonly width: number;
    readonly height: number;
    readonly pixelAspect: string;
  },
): string[] {
  const aspect = `setsar=${pixelAspect.replace(":", "/")}`;
  if (codec === "ffv1") {
    return ["-vf", `${aspect},format=gbrp`, "-c:v", "ffv1", "-level", "3", "-slicecrc", "1"];
  }
  // Halved colours need even sides.
  const format = width % 2 === 0 && height % 2 === 0 ? "yuv420p" : "yuv444p";
  const toYuv = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd";
  return [
    ...["-vf", `${aspect},${toYuv},format=${format}`],
    ...["-c:v", codec === "h264" ? "libx264" : "libx265", "-preset", "medium"],
    ...["-crf", `${crf === 0 ? defaultCrf[codec] : crf}`],
    ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...["-color_range", "tv"],
    ...(codec === "hevc" ? ["-x265-params", "log-level=error"] : []),
  ];
}

/** ffmpeg's options for how a container names the codec: Apple's players know hevc by one name alone. */
export function tagOptions(codec: Codec, container: string): string[] {
  return codec === "hevc" && container !== "matroska" ? ["-tag:v", "hvc1"] : [];
}
