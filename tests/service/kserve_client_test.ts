import assert from "assert";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonFor } from "../kept_tools.ts";
import { withCheckpoints } from "../server/with_checkpoints.ts";
import { answer, Scene } from "./scene.ts";
import { StoreWorkforce } from "./store_workforce.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** A proxy that is not there: it is not asked on loopback. */
const env = { no_proxy: "127.0.0.1,localhost", PYTHONWARNINGS: "ignore" };

Deno.test("KServe's client colorizes by the Open Inference Protocol, where it installs", async (t) => {
  const python = await pythonFor(t, "kserve", [path("./kserve_requirements.txt")]);
  if (python === undefined) return;
  const asked: (number | undefined)[] = [];
  await using scene = await Scene.open({}, (store) => {
    const workforce = new StoreWorkforce(store);
    workforce.colorizing.paint = (photo, { maxSide }) => {
      asked.push(maxSide);
      return Promise.resolve(photo); // the client's own pixels
    };
    return Promise.resolve(workforce);
  });
  await withCheckpoints(scene, [5]);
  const checkpoint = { jobId: "job-a", step: 5 };
  await answer((back) => scene.models.promoteCheckpoint({ name: "roses", checkpoint }, back));
  const { stdout } = await run(python, [path("./kserve_client.py"), scene.server.address], { env });
  const { refused, ...said } = JSON.parse(stdout.trim().split("\n").at(-1)!);
  const pixels = [[[[1, 2, 3], [4, 5, 6]]], [[[7, 8, 9], [9, 8, 7]]]];
  const made = ["one", "1", "colorized", pixels];
  assert.deepEqual(said, {
    live: true,
    ready: true,
    models: [true, false],
    // As bytes and as typed contents.
    colorized: [made, made],
  });
  assert.deepEqual(asked, [64, 64, 64, 64]);
  assert.match(refused, /has the unknown "speed"; known: saturation/);
});
