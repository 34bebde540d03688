import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { appear, writeFileAtomically } from "../files/atomic_write.ts";
import { syncFolder, syncPath } from "../files/durable_file.ts";
import { writing } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";
import { type Encoding, tagOptions } from "./codecs.ts";
import { fileUrl, outputOf } from "./ffmpeg.ts";
import type { VideoFacts } from "./video_facts.ts";
import type { VideoParts } from "./video_parts.ts";

/**
 * Joins the parts to the result, with the sound, the subtitles, the chapters and the tags of the
 * original, and their time stamps. The result is whole or not there.
 *
 * @param options `container`: ffmpeg's name of it; `overwrite`: whether a file that is there by now is
 *   replaced; `say`: told what could not be kept.
 * @throws {TinctError} already_exists; resource_exhausted: the disk is full.
 */
export async function finishVideo(
  parts: VideoParts,
  { input, output, container, encoding, facts, overwrite, say, signal }: {
    readonly input: string;
    readonly output: string;
    readonly container: string;
    readonly encoding: Encoding;
    readonly facts: VideoFacts;
    readonly overwrite: boolean;
    readonly say: (sentence: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { done, folder } = parts;
  const lines = done.flatMap(({ file, firstTime, lastTime }, index) => {
    const next = done[index + 1]?.firstTime ?? lastTime + 1 / facts.rate;
    // A plain name needs no quoting: it is ours.
    return [`file '${file}'`, `duration ${(next - firstTime).toFixed(9)}`];
  });
  const text = ["ffconcat version 1.0", ...lines, ""].join("\n");
  await writeFileAtomically(join(folder, LIST), new TextEncoder().encode(text));
  const joined = join(folder, "result.tmp"); // goes with the folder, whatever ends this process
  const offset = (done[0]?.firstTime ?? 0).toFixed(9);
  const mux = (way: Extras) =>
    // In the folder: of a list that is elsewhere ffmpeg cuts the path where it has a "?" or "#".
    outputOf("ffmpeg", [
      ...["-v", "error", "-nostdin", "-itsoffset", offset],
      ...["-f", "concat", "-safe", "0", "-i", LIST, "-i", fileUrl(input)],
      ...["-map", "0:v", "-c:v", "copy", ...tagOptions(encoding.codec, container)],
      ...extraOptions(way, container),
      ...["-map_metadata", "1", "-map_chapters", "1", "-metadata:s:v:0", "rotate=0"],
      ...(container === "matroska" ? [] : ["-movflags", "+faststart"]),
      ...["-f", container, "-y", joined],
    ], { what: "joining the result", folder, signal });
  const ways = waysFor(facts);
  for (const [index, way] of ways.entries()) {
    try {
      await mux(way);
      for (const sentence of changesOf(way, facts)) say(sentence);
      break;
    } catch (error) {
      // The container takes some kinds alone; another fault remains whatever is tried.
      const mayFit = error instanceof TinctError && error.code === "invalid_argument";
      if (!mayFit || index === ways.length - 1) throw error;
    }
  }
  await writing(output, syncPath(joined));
  if (overwrite || !(await appear(joined, output))) await writing(output, rename(joined, output));
  await syncFolder(dirname(output));
}

/** The name of the list of parts. */
const LIST = "parts.txt";

/** How sound and subtitles come into the result; undefined: not at all. */
interface Extras {
  readonly sound: "as it is" | "as AAC" | undefined;
  readonly subtitles: "as they are" | "as text" | undefined;
}

/** What is tried, by how little is lost. What a container does not take fails at once. */
function waysFor({ hasSound, hasSubtitles }: VideoFacts): readonly Extras[] {
  const sounds = hasSound ? ["as it is", "as AAC"] as const : [undefined];
  const kept = hasSubtitles ? ["as they are", "as text"] as const : [undefined];
  const all = sounds.flatMap((sound) => kept.map((subtitles): Extras => ({ sound, subtitles })));
  const without = sounds.map((sound): Extras => ({ sound, subtitles: undefined }));
  return hasSubtitles ? [...all, ...without] : all;
}

function extraOptions({ sound, subtitles }: Extras, container: string): string[] {
  const aac = ["-c:a", "aac", "-b:a", "192k"];
  const text = container === "matroska" ? "subrip" : "mov_text";
  return [
    ...(sound ? ["-map", "1:a", ...(sound === "as AAC" ? aac : ["-c:a", "copy"])] : []),
    ...(subtitles ? ["-map", "1:s", "-c:s", subtitles === "as text" ? text : "copy"] : []),
  ];
}

/** What is not as it was, in sentences. */
function changesOf({ sound, subtitles }: Extras, { hasSubtitles }: VideoFacts): string[] {
  return [
    ...(sound === "as AAC"
      ? ["The sound is encoded as AAC: this container does not take it as it is."]
      : []),
    ...(subtitles === "as text"
      ? ["The subtitles are kept as plain text: this container does not take them as they are."]
      : []),
    ...(hasSubtitles && subtitles === undefined
      ? ["The subtitles are left out: this container does not take them; .mkv may."]
      : []),
  ];
}
