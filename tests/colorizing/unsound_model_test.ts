import assert from "assert";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { encodeManifest, MANIFEST_NAME } from "../../src/checkpoints/checkpoint_manifest.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { ending } from "../service/scene.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { readPhoto } from "../service/workshop.ts";

Deno.test("a checkpoint whose weights are no numbers neither colorizes nor is promoted", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const folder = scene.join("jobs", jobId, "checkpoints", "step-00000006");
  const info = await readCheckpointInfo(folder);
  const path = join(folder, "generator.safetensors");
  const bytes = await readFile(path);
  bytes.writeFloatLE(NaN, bytes.length - 4);
  await writeFile(path, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const files = info.files.map((file) =>
    file.name === "generator.safetensors" ? { ...file, sha256 } : file
  );
  await writeFile(join(folder, MANIFEST_NAME), encodeManifest({ ...info, files }));

  const image = await readPhoto("cat.jpg");
  const checkpoint = { jobId };
  const colorized = await ending((back) =>
    scene.colorization.colorize({ image, model: { checkpoint } }, back)
  );
  assert.ok("error" in colorized);
  assert.equal(colorized.error.code, "FAILED_PRECONDITION");
  assert.match(colorized.error.message, /numbers of model\.\S+ is not finite; the first is NaN/);
  const promoted = await ending((back) =>
    scene.models.promoteCheckpoint({ name: "roses", checkpoint }, back)
  );
  assert.ok("error" in promoted);
  assert.equal(promoted.error.code, "FAILED_PRECONDITION");
  assert.match(promoted.error.message, /is not finite; the first is NaN/);
  assert.deepEqual(await readdir(scene.join("models", "roses")), []);
  const { models } = await scene.store.models.list();
  assert.deepEqual(models, []);
});
