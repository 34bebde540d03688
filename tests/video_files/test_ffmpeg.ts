import { spawnSync } from "node:child_process";

/** Why videos cannot be tested here; undefined where they can. */
export const noFfmpeg = spawnSync("ffmpeg", ["-version"]).error === undefined
  ? undefined
  : "ffmpeg is not installed";

/** Registers a test with ffmpeg; without it the test is there as one that is skipped, with the reason. */
export function testWithFfmpeg(
  name: string,
  body: (t: Deno.TestContext) => Promise<void>,
): void {
  if (noFfmpeg === undefined) Deno.test(name, body);
  else Deno.test({ name: `${name} (${noFfmpeg})`, ignore: true, fn: () => {} });
}

/** Three frames of 40 x 30 pixels. */
export function drawClip(path: string): void {
  const { status, stderr } = spawnSync("ffmpeg", [
    ...["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=40x30:rate=5:duration=0.6"],
    ...["-c:v", "ffv1", path],
  ]);
  if (status !== 0) throw new Error(`ffmpeg drew no clip: ${stderr}`);
}
