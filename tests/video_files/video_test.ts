import assert from "assert";
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../../src/errors.ts";
import { colorizeVideo } from "../../src/video_files/colorize_video.ts";
import { containerOf, type Encoding } from "../../src/video_files/codecs.ts";
import { FfmpegProcess, fileUrl, outputOf } from "../../src/video_files/ffmpeg.ts";
import type { FrameColors } from "../../src/video_files/frame_colors.ts";
import { readFrames } from "../../src/video_files/frame_reader.ts";
import { readVideoFacts } from "../../src/video_files/video_facts.ts";
import { VideoParts } from "../../src/video_files/video_parts.ts";
import { lightnessAt } from "../../src/hints/byte_colors.ts";
import { engineTest } from "../engine/test_engine.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { smallGenerator, writeRun } from "../inference/small_model.ts";
import { inTime } from "../in_time.ts";
import { drawClip as drawSmallClip, noFfmpeg, testWithFfmpeg } from "./test_ffmpeg.ts";

const { signal } = new AbortController();

async function ffmpeg(...args: readonly string[]): Promise<string> {
  return await outputOf("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args], {
    what: "preparing a test",
    signal,
  });
}

/**
 * 30 frames of 50 x 38 pixels at uneven times, with a second of sound that begins 0.12 s before them.
 */
async function drawClip(path: string): Promise<void> {
  await ffmpeg(
    ...["-f", "lavfi", "-itsoffset", "0.12", "-i", "testsrc2=size=50x38:rate=20:duration=1.5"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:duration=1.6"],
    ...["-vf", "settb=1/1000,setpts=PTS+10*mod(N\\,3),hue=s=0", "-fps_mode", "passthrough"],
    ...[
      "-enc_time_base",
      "1:1000",
      "-c:v",
      "libx264",
      "-crf",
      "10",
      "-bf",
      "0",
      "-c:a",
      "aac",
      path,
    ],
  );
}

/** When the frames of a file are shown, as ffprobe has it. */
async function timesOf(path: string): Promise<number[]> {
  const text = await outputOf("ffprobe", [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time"],
    ...["-of", "csv=p=0", path],
  ], { what: "looking", signal });
  return text.split("\n").map((line) => line.replace(",", "").trim()).filter(Boolean).map(Number);
}

/** The sound as it is in the file. */
const soundOf = (path: string) => ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "md5", "-");

const nobody = { update() {} };

engineTest("tinct video keeps lightness, sound and uneven time stamps", async (engine, t) => {
  if (noFfmpeg !== undefined) {
    await t.step({ name: noFfmpeg, ignore: true, fn: () => {} });
    return;
  }
  await using folder = await TemporaryFolder.create();
  const [input, output] = [folder.join("in put.mp4"), folder.join("out.mp4")];
  await drawClip(input);
  using generator = smallGenerator(engine);
  await mkdir(folder.join("run"));
  await writeRun(engine, folder.join("run"), [{ generator }]);
  const run = (...rest: readonly string[]) =>
    runTinct(["video", "--model", folder.join("run"), input, ...rest], { isKept: true });

  await t.step("as mp4", async () => {
    const { code, stdout, stderr } = await run(output, "--crf", "4");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /out\.mp4 \(30 frames, 50 x 38, /);
    const [before, after] = [await timesOf(input), await timesOf(output)];
    assert.equal(before.length, 30);
    assert.ok(
      new Set(before.map((time, at) => (time - (before[at - 1] ?? 0)).toFixed(2))).size > 2,
    );
    // A unit of the original's time stamps is a thousandth.
    const off = before.map((time, at) => Math.abs(time - after[at]!));
    assert.ok(after.length === 30 && Math.max(...off) < 0.0006, `${after} for ${before}`);
    assert.equal(await soundOf(output), await soundOf(input));
    const facts = await readVideoFacts(output, signal);
    let [sum, count, colored] = [0, 0, 0];
    const frames = readFrames(input, facts, { from: 0, signal });
    for await (const { rgb } of readFrames(output, facts, { from: 0, signal })) {
      const original = (await frames.next()).value!;
      for (let at = 0; at < rgb.length; at += 3) {
        sum += Math.abs(lightnessAt(rgb, at) - lightnessAt(original.rgb, at));
        colored += Math.abs(rgb[at]! - rgb[at + 2]!);
        count++;
      }
    }
    // The codec's loss, of halved colours most of all.
    assert.ok(sum / count < 1.5, `L* is ${sum / count} off`);
    assert.ok(colored / count > 1, `${colored / count} between red and blue`);
    assert.deepEqual((await readdir(folder.path)).sort(), ["in put.mp4", "out.mp4", "run"]);
  });

  await t.step("refusals", async () => {
    for (
      const [rest, says] of [
        [[output], /out\.mp4 exists already; --overwrite replaces it/],
        [[input, "--overwrite"], /would replace .*in put\.mp4 itself/],
        [[folder.join("out.avi")], /must end in one of \.mp4, \.m4v, \.mov, \.mkv/],
        [[output, "--codec", "ffv1"], /ffv1 goes into \.mkv/],
      ] as const
    ) {
      const { code, stderr } = await run(...rest);
      assert.notEqual(code, 0);
      assert.match(stderr, says);
    }
  });

  await t.step("without ffmpeg it says what to install", async () => {
    const { code, stderr } = await runTinct(
      ["video", "--model", folder.join("run"), input, folder.join("other.mp4")],
      { environment: { PATH: folder.path } },
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /there is no ffprobe on the PATH.*apt install ffmpeg/);
  });
});

testWithFfmpeg(
  "a video goes on where it was when it was cut, and its time stamps stay",
  async () => {
    await using folder = await TemporaryFolder.create();
    const [input, output] = [folder.join("in.mkv"), folder.join("out.mkv")];
    await drawClip(input);
    const facts = await readVideoFacts(input, signal);
    assert.deepEqual([facts.width, facts.height, facts.hasSound], [50, 38, true]);
    const seen: number[] = [];
    /** Gives frames back as they came, until it has had so many. */
    const until = (most: number): FrameColors =>
      async function* (frames) {
        let count = 0;
        for await (const rgb of frames) {
          if (count++ === most) throw new TinctError("unavailable", "The worker was lost.");
          yield rgb;
        }
        seen.push(count);
      };
    const encoding = { codec: "ffv1", crf: 0 } as const;
    const work = { of: "a test" };
    const colorize = async (colors: FrameColors) => {
      using parts = await VideoParts.open(output, work);
      await assert.rejects(VideoParts.open(output, work), /Another command is making .*out\.mkv/);
      return await colorizeVideo(colors, {
        ...{ input, output, container: "matroska", facts, encoding, signal, partFrames: 8, parts },
        overwrite: false,
        progress: nobody,
        say: (sentence) => assert.fail(sentence),
      });
    };
    await assert.rejects(colorize(until(20)), /worker was lost/);
    await assert.rejects(stat(output), /ENOENT/);
    const framesDone = async () => {
      using parts = await VideoParts.open(output, work);
      return parts.frames;
    };
    assert.equal(await framesDone(), 16);
    // A part that somebody removed is made again, and what comes after it.
    await rm(`${output}.tinct-parts/000000.nut`);
    assert.equal(await framesDone(), 0);
    assert.deepEqual(await readdir(`${output}.tinct-parts`), ["plan"]);
    await assert.rejects(colorize(until(20)), /worker was lost/);
    assert.equal(await framesDone(), 16);
    assert.equal(await colorize(until(100)), 30);
    assert.deepEqual(seen, [30], "with the frames before, for their colours");
    const [before, after] = [await timesOf(input), await timesOf(output)];
    assert.equal(after.length, 30);
    // Matroska counts in thousandths, and durations of parts are rounded to them.
    for (const [at, time] of before.entries()) {
      assert.ok(Math.abs(time - after[at]!) < 0.0015, `${after} for ${before}`);
    }
    const original = readFrames(input, facts, { from: 0, signal });
    for await (const { rgb } of readFrames(output, facts, { from: 0, signal })) {
      assert.deepEqual(rgb, (await original.next()).value!.rgb, "ffv1 loses nothing");
    }
    assert.deepEqual((await readdir(folder.path)).sort(), ["in.mkv", "out.mkv"]);
    using other = await VideoParts.open(output, { of: "another" });
    assert.deepEqual([other.frames, other.beganAnew], [0, false]);
  },
);

testWithFfmpeg("what is no video, or too large, is refused with a sentence", async () => {
  await using folder = await TemporaryFolder.create();
  const large = folder.join("large.mkv");
  await ffmpeg(
    ...["-f", "lavfi", "-i", "color=size=4098x16:rate=1:duration=1", "-c:v", "ffv1", large],
  );
  await assert.rejects(readVideoFacts(large, signal), /4098 x 16 pixels, and at most 4096 x 2160/);
  const sound = folder.join("sound.m4a");
  await ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", sound);
  await assert.rejects(readVideoFacts(sound, signal), /There is no video in/);
  const text = folder.join("text.txt");
  await writeFile(text, "I am no video.\n");
  const refusal =
    `${text} is no video that ffmpeg knows, or a damaged one; play it, or name another file.`;
  await assert.rejects(readVideoFacts(text, signal), { message: refusal });
  // Of other failures it tells in its own words, but for the path, which a person gave by another.
  const gone = folder.join("gone.mp4");
  await assert.rejects(readVideoFacts(gone, signal), {
    message: `ffprobe failed while looking at ${gone}: gone.mp4: No such file or directory`,
  });
});

/** Gives frames back as they came. */
const unchanged: FrameColors = async function* (frames) {
  yield* frames;
};

/** Makes a video of frames as they are. @returns what was said. */
async function copyVideo(
  input: string,
  output: string,
  { overwrite = false, codec = "h264" }: {
    readonly overwrite?: boolean;
    readonly codec?: Encoding["codec"];
  } = {},
): Promise<string[]> {
  const said: string[] = [];
  using parts = await VideoParts.open(output, {});
  await colorizeVideo(unchanged, {
    ...{ input, output, container: containerOf(output, codec), signal, overwrite, parts },
    facts: await readVideoFacts(input, signal),
    encoding: { codec, crf: 0 },
    progress: nobody,
    say: (sentence) => said.push(sentence),
  });
  return said;
}

testWithFfmpeg(
  "frames that change their size in the middle are all read, also from a later one",
  async () => {
    await using folder = await TemporaryFolder.create();
    const input = folder.join("in.ts");
    for (const size of ["64x48", "96x80"]) {
      const part = folder.join(`${size}.ts`);
      await ffmpeg(
        ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=10:duration=0.6`],
        ...["-c:v", "libx264", "-bf", "0", part],
      );
      await appendFile(input, await readFile(part));
    }
    const facts = await readVideoFacts(input, signal);
    const read = async (from: number) => {
      const frames: { readonly rgb: Uint8Array; readonly time: number }[] = [];
      for await (const frame of readFrames(input, facts, { from, signal })) frames.push(frame);
      return frames;
    };
    const all = await inTime(read(0), "all frames are read");
    assert.equal(all.length, 12);
    assert.ok(all.every(({ time }, at) => at === 0 || time > all[at - 1]!.time));
    for (const from of [4, 8]) {
      assert.deepEqual(await inTime(read(from), `frames from ${from} are read`), all.slice(from));
    }
  },
);

testWithFfmpeg(
  "hevc has the name that Apple's players know, and nobody says in what language it is",
  async () => {
    await using folder = await TemporaryFolder.create();
    const [input, output] = [folder.join("in.mkv"), folder.join("out.mov")];
    drawSmallClip(input);
    assert.deepEqual(await copyVideo(input, output, { codec: "hevc" }), []);
    const text = await outputOf("ffprobe", [
      ...["-v", "error", "-show_entries", "stream=codec_tag_string:stream_tags=language"],
      ...["-of", "csv=p=0", output],
    ], { what: "looking", signal });
    assert.match(text, /^hvc1(?:,und)?\s*$/);
  },
);

testWithFfmpeg(
  "names are names, and sound and subtitles stay where the container takes them",
  async () => {
    await using folder = await TemporaryFolder.create();
    const place = folder.join("what? #1 it's 100%: a|b");
    await mkdir(place);
    const [input, output] = [join(place, "in.mkv"), join(place, "out?.mp4")];
    await writeFile(folder.join("a.srt"), "1\n00:00:00,100 --> 00:00:00,500\nWell then.\n");
    await ffmpeg(
      ...["-f", "lavfi", "-i", "testsrc2=size=48x32:rate=10:duration=0.6"],
      ...["-f", "lavfi", "-i", "sine=duration=0.6", "-i", folder.join("a.srt")],
      ...[
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        "-c:s",
        "subrip",
      ],
      fileUrl(input),
    );
    const said = await copyVideo(input, output);
    assert.deepEqual(
      said.map((sentence) => /^The subtitles are kept as plain text/.test(sentence)),
      [true],
    );
    assert.equal(await soundOf(fileUrl(output)), await soundOf(fileUrl(input)));
    assert.equal((await readVideoFacts(output, signal)).hasSubtitles, true);
    await assert.rejects(copyVideo(input, output), /out\?\.mp4 exists already/);
    assert.equal((await readdir(place)).length, 3, "what was made is kept for --overwrite");
    await copyVideo(input, output, { overwrite: true });
    assert.deepEqual((await readdir(place)).sort(), ["in.mkv", "out?.mp4"]);
  },
);

testWithFfmpeg("a full disk is no part that is done", async () => {
  await using folder = await TemporaryFolder.create();
  const [input, output] = [folder.join("in.mkv"), folder.join("out.mkv")];
  drawSmallClip(input);
  using parts = await VideoParts.open(output, {});
  // Where everything that is written meets a full disk.
  await symlink("/dev/full", `${output}.tinct-parts/000000.tmp`);
  const facts = await readVideoFacts(input, signal);
  await using part = parts.begin(facts, { codec: "ffv1", crf: 0 }, signal);
  await part.write(new Uint8Array(facts.width * facts.height * 3), 0);
  await assert.rejects(part.finish(), { code: "resource_exhausted", message: /No space left/ });
  assert.equal(parts.frames, 0);
});

testWithFfmpeg("who writes more than ffmpeg takes hears why it ended", async () => {
  const what = "encoding a test";
  const write = async (...args: readonly string[]) => {
    await using encoding = new FfmpegProcess("ffmpeg", ["-v", "error", ...args], { what, signal });
    for (;;) await encoding.write(new Uint8Array(2 ** 20));
  };
  await assert.rejects(inTime(write("-f", "nosuch", "-i", "pipe:0"), "it fails"), {
    message: /^ffmpeg failed while encoding a test: .*nosuch/,
  });
  await assert.rejects(inTime(write("-version"), "it ends well"), {
    message: "ffmpeg ended early while encoding a test.",
  });
});
