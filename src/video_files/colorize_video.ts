import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import { shown } from "../shown.ts";
import type { Progress } from "../terminal/progress.ts";
import { counted } from "../terminal/quantities.ts";
import type { Encoding } from "./codecs.ts";
import { finishVideo } from "./finish_video.ts";
import type { FrameColors } from "./frame_colors.ts";
import { readFrames } from "./frame_reader.ts";
import type { VideoFacts } from "./video_facts.ts";
import type { PartWriter, VideoParts } from "./video_parts.ts";

/** A part ends after so many frames, or so long: what is lost when the command is killed. */
const PART = { frames: 500, ms: 30_000 } as const;

/**
 * Frames before the first one that is to be made, whose colours are a mean over them: so it goes on
 * as it would have. Two means' worth leave an eighth of a frame's part of it.
 */
const BEFORE = 48;

/**
 * Colorizes a video, from where its parts end.
 *
 * @param options `container`: ffmpeg's name of it; `partFrames`: what a part has, at most.
 * @returns the frames of the result.
 * @throws {TinctError} invalid_argument: the video has no frame, or as ffmpeg says; as `finishVideo`;
 *   what `colors` throws.
 */
export async function colorizeVideo(
  colors: FrameColors,
  {
    input,
    output,
    container,
    facts,
    encoding,
    overwrite,
    parts,
    partFrames = PART.frames,
    progress,
    say,
    signal,
  }: {
    readonly input: string;
    readonly output: string;
    readonly container: string;
    readonly facts: VideoFacts;
    readonly encoding: Encoding;
    readonly overwrite: boolean;
    readonly parts: VideoParts;
    readonly partFrames?: number;
    readonly progress: Pick<Progress, "update">;
    readonly say: (sentence: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const done = parts.frames;
  let number = Math.max(0, done - BEFORE);
  const times: number[] = [];
  const read = async function* () {
    for await (const { rgb, time } of readFrames(input, facts, { from: number, signal })) {
      times.push(time);
      yield rgb;
    }
  };
  let part: PartWriter | undefined;
  let endMs = 0;
  try {
    for await (const rgb of colors(read(), facts, signal)) {
      const time = times.shift()!;
      if (number++ < done) continue;
      if (part === undefined) {
        part = parts.begin(facts, encoding, signal);
        endMs = performance.now() + PART.ms;
      }
      await part.write(rgb, time);
      progress.update(number);
      if (part.frames < partFrames && performance.now() < endMs) continue;
      await part.finish();
      part = undefined;
    }
    await part?.finish();
  } finally {
    await part?.[Symbol.asyncDispose]();
  }
  if (times.length > 0) {
    throw new TinctError(
      "internal",
      `${counted(times.length, "frame")} came back without colours.`,
    );
  }
  if (parts.frames === 0) {
    throw new TinctError("invalid_argument", `There is no frame to be read in ${shown(input)}.`);
  }
  await finishVideo(parts, { input, output, container, encoding, facts, overwrite, say, signal });
  await parts.remove();
  return number;
}
