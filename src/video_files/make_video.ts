import { realpath, stat } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import { reading } from "../files/file_errors.ts";
import { pathExists } from "../files/temporary_names.ts";
import { shown } from "../shown.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { printJson } from "../terminal/print_json.ts";
import { Progress } from "../terminal/progress.ts";
import { counted, formatDuration } from "../terminal/quantities.ts";
import { version } from "../version.ts";
import { containerOf, type Encoding } from "./codecs.ts";
import { colorizeVideo } from "./colorize_video.ts";
import type { FrameColors } from "./frame_colors.ts";
import { readVideoFacts, type VideoFacts } from "./video_facts.ts";
import { VideoParts } from "./video_parts.ts";

/** What a person wants. */
interface VideoOrder {
  readonly input: string;
  readonly output: string;
  readonly encoding: Encoding;
  readonly saturation: number;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

/** An order that can be carried out. */
interface PreparedVideo extends VideoOrder {
  readonly container: string;
  readonly facts: VideoFacts;
}

/** A result that is there. */
interface MadeVideo extends Pick<VideoOrder, "input" | "output"> {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly tookMs: number;
}

/**
 * Looks at the input and at the place of the result, before anything costs time.
 *
 * @throws {TinctError} what is wrong with them; failed_precondition without ffmpeg.
 */
export async function prepareVideo(order: VideoOrder): Promise<PreparedVideo> {
  const { input, output, encoding, overwrite, signal } = order;
  const container = containerOf(output, encoding.codec);
  const original = await reading(input, realpath(input));
  if (!(await reading(input, stat(original))).isFile()) {
    const message = `${shown(input)} is no file; a video is read several times.`;
    throw new TinctError("invalid_argument", message);
  }
  if (await pathExists(output)) {
    if (original === await realpath(output).catch(() => undefined)) {
      throw new TinctError("already_exists", `The result would replace ${shown(input)} itself.`);
    }
    const taken = `${shown(output)} exists already; --overwrite replaces it.`;
    if (!overwrite) throw new TinctError("already_exists", taken);
    if ((await stat(output).catch(() => undefined))?.isDirectory()) {
      throw new TinctError("already_exists", `${shown(output)} is a folder.`);
    }
  }
  return { ...order, container, facts: await readVideoFacts(input, signal) };
}

/**
 * Colorizes a video, from where an earlier command was ended.
 *
 * @param seen what gives the colours; another one makes all parts anew.
 */
export async function makeVideo(
  colors: FrameColors,
  seen: unknown,
  prepared: PreparedVideo,
): Promise<MadeVideo> {
  const { input, output, encoding, saturation, facts } = prepared;
  const startMs = performance.now();
  const { size, mtimeMs } = await reading(input, stat(input));
  const original = { path: await realpath(input), size, mtimeMs };
  using parts = await VideoParts.open(output, { version, original, encoding, saturation, seen });
  const start = parts.frames;
  if (start > 0) {
    console.error(`Goes on after ${counted(start, "frame")} that an earlier command made.`);
  }
  if (parts.beganAnew) {
    console.error(
      "Begins anew: what an earlier command made is of another video, model, option or version of Tinct.",
    );
  }
  using progress = new Progress({
    label: "Colorizing",
    total: facts.frames,
    start,
    sink: stderr,
    now: () => performance.now(),
  });
  const say = (sentence: string) => progress.log(sentence);
  const frames = await colorizeVideo(colors, { ...prepared, parts, progress, say });
  const { width, height } = facts;
  return { input, output, frames, width, height, tookMs: performance.now() - startMs };
}

/** Tells of a result on stdout. */
export function tellOfVideo(
  { input, output, frames, width, height, tookMs }: MadeVideo,
  asJson: boolean,
): void {
  if (asJson) {
    const seconds = Number((tookMs / 1000).toFixed(3));
    return printJson({ video: input, result: output, frames, width, height, seconds });
  }
  const facts = `${counted(frames, "frame")}, ${width} x ${height}, ${formatDuration(tookMs)}`;
  console.log(`${shown(input)} → ${shown(output)} (${facts})`);
}
