import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { ModelReference } from "../../src/protocol/generated/tinct/v1/model_reference.ts";
import { until } from "../in_time.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { answer, ending } from "../service/scene.ts";
import { sendImport } from "../service/send_import.ts";
import { openWorkingScene, type WorkingScene } from "../service/working_scene.ts";
import { readPhoto } from "../service/workshop.ts";

/** Process ids of the workers for something, in the order of their starts. */
function pids({ log }: WorkingScene, purpose: string): number[] {
  return log.filter(({ message }) => message === `A worker to ${purpose} starts.`)
    .map(({ fields }) => Number(fields?.["pid"]));
}

async function network() {
  const name = "ddcolor.fixed.onnx";
  const path = fileURLToPath(new URL(`../testdata/imported/${name}`, import.meta.url));
  return { files: [{ name, bytes: await readFile(path) }] };
}

Deno.test("a worker that dies of an imported network takes no other model's photos with it", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const image = await readPhoto("coffee.png");
  const colorize = (model: ModelReference) =>
    ending<ColorizeResponse__Output>((back) =>
      scene.colorization.colorize({ image, model, maxSide: 64 }, back)
    );
  assert.ok("ok" in await sendImport(scene, "foreign", await network()));
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const [own, foreign] = [{ checkpoint: { jobId } }, { name: "foreign" }];
  assert.ok("ok" in await colorize(own));
  const [foreignPid, ownPid, ...others] = pids(working, "colorize");
  assert.ok(foreignPid && ownPid && others.length === 0, "each kind has a worker of its own");

  const photos = [own, foreign, own, foreign, own, own].map(colorize);
  process.kill(foreignPid, "SIGKILL");
  for (const ended of await Promise.all(photos)) assert.ok("ok" in ended, JSON.stringify(ended));
  assert.equal(pids(working, "colorize").length, 3, "the other worker has stayed");

  // It dies again and again, as it would of a network that needs more memory than there is.
  const dying = colorize(foreign);
  const beside = colorize(own);
  let killed = 2;
  const kill = async () => {
    await until(() => pids(working, "colorize").length > killed, "a worker starts");
    process.kill(pids(working, "colorize")[killed++]!, "SIGKILL");
  };
  await kill();
  await kill();
  const ended = await dying;
  assert.ok("error" in ended);
  assert.equal(ended.error.code, "UNAVAILABLE");
  assert.match(
    ended.error.message,
    /^The worker that colorizes was lost: .* SIGKILL\. Try again\.$/,
  );
  assert.ok("ok" in await beside);
  assert.ok("ok" in await colorize(own));
  assert.ok(pids(working, "colorize").indexOf(ownPid) === 1, "it has colorized all along");
  assert.ok("ok" in await colorize(foreign), "and another worker takes the next photo");
});

Deno.test("a network that the worker dies of that looks at it is refused, and nothing is left of it", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const sent = sendImport(scene, "foreign", await network());
  await until(() => pids(working, "examine").length > 0, "a worker looks at the network");
  process.kill(pids(working, "examine")[0]!, "SIGKILL");
  const ended = await sent;
  assert.ok("error" in ended);
  assert.equal(ended.error.code, "RESOURCE_EXHAUSTED");
  assert.match(
    ended.error.message,
    /^The worker that looked at ddcolor\.fixed\.onnx was lost: the process was ended by SIGKILL\. The network may need more memory/,
  );
  assert.deepEqual(await readdir(scene.join("imports")), []);
  assert.deepEqual((await scene.store.models.list()).models, []);
  const again = await sendImport(scene, "foreign", await network());
  assert.ok("ok" in again, "the next try is not to blame");
  await answer((back) => scene.models.getModel({ name: "foreign" }, back));
});
