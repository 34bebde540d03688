import assert from "assert";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { ending } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { readPhoto, smallConfig } from "../service/workshop.ts";
import { emptyScans } from "./hostile_photos.ts";

Deno.test("photos that take too long to decode are refused in time, and keep no others waiting", async () => {
  await using working = await openWorkingScene({ limits: { maxDecodeMs: 200 } });
  const { scene } = working;
  const jobId = await working.train(smallConfig);
  await watchUntil(scene, { jobId }, (event) => stateOf(event) === "SUCCEEDED");
  const { colorization } = scene;
  const colorize = (image: Buffer) =>
    ending<ColorizeResponse__Output>((back) =>
      colorization.colorize({ image, model: { checkpoint: { jobId } }, maxSide: 32 }, back)
    );
  const good = Buffer.from(await readPhoto("cat.jpg"));
  const slow = emptyScans(99); // half a second and more
  assert.ok("ok" in await colorize(good));
  const pid = working.workerPid();
  let painted = 0;
  for (let round = 0; round < 4; round++) {
    const [refused, other] = await Promise.all([colorize(slow), colorize(good)]);
    assert.ok("error" in refused, "it was decoded in time");
    assert.equal(refused.error.code, "INVALID_ARGUMENT");
    assert.match(refused.error.message, /takes more than 0\.2 s to decode/);
    // A machine that others fill may take too long for this one, too.
    if ("ok" in other) painted++;
    else assert.match(other.error.message, /to decode/);
  }
  assert.ok(painted >= 2, `${painted} of 4 others were painted meanwhile`);
  assert.equal(working.workerPid(), pid);
});
