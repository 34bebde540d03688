import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { syncFolder, syncPath } from "../files/durable_file.ts";
import { writing } from "../files/file_errors.ts";
import { TemporaryName } from "../files/temporary_names.ts";
import { messageOf } from "../errors.ts";
import { outputOf } from "./ffmpeg.ts";
import type { VideoFacts } from "./video_facts.ts";
import type { VideoParts } from "./video_parts.ts";

/**
 * Joins the parts to the result, with the sound, the subtitles, the chapters and the tags of the
 * original, and their time stamps. The result is whole or not there.
 *
 * @param options `container`: ffmpeg's name of it; `say`: told what could not be kept.
 */
export async function finishVideo(
  parts: VideoParts,
  { input, output, container, facts, say, signal }: {
    readonly input: string;
    readonly output: string;
    readonly container: string;
    readonly facts: VideoFacts;
    readonly say: (sentence: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const list = join(parts.folder, "parts.txt");
  const { done } = parts;
  const lines = done.flatMap(({ file, firstTime, lastTime }, index) => {
    const next = done[index + 1]?.firstTime ?? lastTime + 1 / facts.rate;
    // A relative name needs no quoting: it is ours.
    return [`file '${file.split("/").at(-1)}'`, `duration ${(next - firstTime).toFixed(9)}`];
  });
  const text = ["ffconcat version 1.0", ...lines, ""].join("\n");
  await writeFileAtomically(list, new TextEncoder().encode(text));
  using temporary = new TemporaryName(output, "tmp");
  const offset = (done[0]?.firstTime ?? 0).toFixed(9);
  const muxed = (others: readonly string[]) =>
    outputOf("ffmpeg", [
      ...[
        "-v",
        "error",
        "-nostdin",
        "-itsoffset",
        offset,
        "-f",
        "concat",
        "-safe",
        "0",
        "-i",
        list,
      ],
      ...["-i", input, "-map", "0:v", ...others, "-map_metadata", "1", "-map_chapters", "1"],
      ...["-c:v", "copy", "-metadata:s:v:0", "rotate=0"],
      ...(container === "matroska" ? [] : ["-movflags", "+faststart"]),
      ...["-f", container, "-y", temporary.path],
    ], { what: "joining the result", signal });
  const sound = facts.hasSound ? ["-map", "1:a"] : [];
  const subtitles = facts.hasSubtitles ? ["-map", "1:s"] : [];
  try {
    try {
      await muxed([...sound, ...subtitles, "-c:a", "copy", "-c:s", "copy"]);
    } catch (error) {
      signal.throwIfAborted();
      if (sound.length + subtitles.length === 0) throw error;
      say(`Sound or subtitles do not fit into this container as they are (${messageOf(error)})`);
      say("The sound is encoded as AAC, and subtitles are left out; .mkv takes all of them.");
      await muxed([...sound, "-c:a", "aac", "-b:a", "192k"]);
    }
    await writing(output, syncPath(temporary.path));
    await writing(output, rename(temporary.path, output));
    await syncFolder(dirname(output));
  } finally {
    await rm(temporary.path, { force: true });
  }
}
