import assert from "assert";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import type { UploadDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_dataset_response.ts";
import { hasKeptPhotos } from "../../src/supervision/kept_photos.ts";
import { send } from "../../src/protocol/send.ts";
import { openDatasetFolders } from "../../src/server/server.ts";
import { tidyDataFolder } from "../../src/server/tidy_data_folder.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import { changesOf, openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { changes, isState, paintScenes, smallConfig, Workshop } from "../service/workshop.ts";

const maxSteps = 40;
const config = {
  ...smallConfig,
  maxSteps,
  logEvery: 1,
  checkpointEvery: 5,
  validateEvery: 20,
  sampleEvery: 20,
  seed: 5,
};

/** All that a run has written down of its training, but times and paces. */
async function written(run: string) {
  const lines = (await readFile(`${run}/metrics.jsonl`, "utf8")).trim().split("\n");
  const entries = lines.map((line) => {
    const entry: Record<string, unknown> = JSON.parse(line);
    return Object.fromEntries(
      Object.entries(entry).filter(([name]) =>
        /^(step|kind|epoch|loss_|psnr|ssim|delta|ab|l1|colorf|photos)/.test(name)
      ),
    );
  });
  const weights = await readFile(`${run}/checkpoints/step-000000${maxSteps}/generator.safetensors`);
  const sheets = (await readdir(`${run}/samples`)).filter((name) => name.endsWith(".png")).sort();
  const drawn = await Promise.all(sheets.map((name) => readFile(`${run}/samples/${name}`)));
  return { entries, weights, sheets, drawn };
}

/** What a job on one device writes that nothing disturbs: the same in every test. */
let undisturbed: Awaited<ReturnType<typeof written>> | undefined;

/** Has such a job run in a workshop, unless one has run before. */
async function undisturbedIn(workshop: Workshop) {
  if (undisturbed === undefined) {
    await workshop.submit("undisturbed", config);
    await workshop.history("undisturbed");
    undisturbed = await written(workshop.folder.join("jobs", "undisturbed"));
  }
  return undisturbed;
}

/** Asserts that a run came out as another, to the last bit. */
async function assertSame(run: string, expected: Awaited<ReturnType<typeof written>>) {
  const { entries, weights, sheets, drawn } = await written(run);
  const kinds = new Set(expected.entries.map(({ kind }) => kind));
  for (const kind of ["losses", "validation", "probe"]) assert.ok(kinds.has(kind), kind);
  assert.deepEqual(entries, expected.entries);
  assert.ok(weights.equals(expected.weights), "the weights");
  assert.deepEqual(sheets, expected.sheets);
  for (const [at, sheet] of drawn.entries()) assert.ok(sheet.equals(expected.drawn[at]!));
}

/** Uploads the scenes of the server's data root as a dataset. */
async function uploadScenes(scene: Scene, dataset: string): Promise<void> {
  await answer<UploadDatasetResponse__Output>((back) => {
    const call = scene.datasets.uploadDataset(back);
    const sending = async () => {
      await send(call, { start: { dataset } });
      for (const fileName of await readdir(scene.join("photos", "scenes"))) {
        const data = await readFile(scene.join("photos", "scenes", fileName));
        await send(call, { piece: { fileName, data, last: true } });
      }
      await send(call, { finish: {} });
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}

const submit = async (scene: Scene, dataset: string) => {
  const { job } = await answer<{ job: { jobId: string } | null }>((back) =>
    scene.colorization.train({ dataset, config }, back)
  );
  return job?.jobId ?? "";
};

const remove = (scene: Scene, dataset: string) =>
  ending((back) => scene.datasets.deleteDataset({ dataset }, back));

for (const replicas of [1, 2]) {
  Deno.test(`a dataset deleted while ${replicas} train on it, then a lost worker: as if nothing had been`, async () => {
    await using working = await openWorkingScene({ settings: { replicas } });
    const { scene } = working;
    const whole = await submit(scene, "scenes");
    const first = await watchUntil(scene, { jobId: whole }, () => false);
    assert.equal(stateOf(first.at(-1)!), "SUCCEEDED");
    const expected = await written(scene.join("jobs", whole));
    if (replicas === 1) undisturbed = expected;

    await uploadScenes(scene, "roses");
    const jobId = await submit(scene, "roses");
    await watchUntil(scene, { jobId }, ({ event }) => event === "checkpoint");
    assert.deepEqual(await remove(scene, "roses"), { ok: {} });
    assert.equal(existsSync(scene.join("datasets", "roses")), false);
    assert.equal(existsSync(scene.join("prepared", "roses")), false, "the cache goes with it");
    assert.ok(existsSync(scene.join("jobs", jobId, "prepared")), "the job has its own");
    process.kill(working.workerPid(jobId), "SIGKILL");
    const seen = await watchUntil(scene, { jobId }, () => false);
    assert.deepEqual(changesOf(seen).slice(2), [
      "RUNNING→RUNNING by WORKER_LOST",
      "RUNNING→SUCCEEDED by SUCCEEDED",
    ], seen.at(-1)?.state?.failure?.message ?? "");
    await assertSame(scene.join("jobs", jobId), expected);
    await scene.server.stop(); // waits for what is done after a job's last event
    assert.equal(existsSync(scene.join("jobs", jobId, "prepared")), false, "removed afterwards");
    assert.ok((await readdir(scene.join("prepared"))).includes("scenes"), "another one's stays");
  });
}

Deno.test("a dataset that changes in a pause and is gone at a restart: the job trains on what it began with", async () => {
  await using workshop = await Workshop.open();
  const expected = await undisturbedIn(workshop);

  await workshop.submit("job", config);
  await workshop.eventsUntil("job", ({ kind }) => kind === "checkpoint");
  await workshop.supervisor.pause("job");
  await workshop.eventsUntil("job", isState("PAUSED"));
  await paintScenes(workshop.folder.join("scenes"), 12); // four more
  await rm(workshop.folder.join("scenes", "scene-0.png"));
  await workshop.supervisor.resume("job");
  let checkpoints = 0;
  const saved = (await workshop.store.events.checkpoints("job")).length;
  await workshop.eventsUntil("job", ({ kind }) => kind === "checkpoint" && ++checkpoints > saved);
  await rm(workshop.folder.join("scenes"), { recursive: true });
  await workshop.close();

  const again = await Workshop.open({}, workshop.folder);
  try {
    const history = await again.history("job");
    const last = changes(history).at(-1);
    assert.equal(last, "RUNNING→SUCCEEDED by succeeded", `${history.at(-1)?.payload["failure"]}`);
    await assertSame(again.folder.join("jobs", "job"), expected);
  } finally {
    await again.close(); // waits for what is done after a job's last event
  }
  assert.equal(existsSync(again.folder.join("jobs", "job", "prepared")), false);
});

Deno.test("a job that has prepared nothing needs its dataset: it cannot be deleted, and if it is gone the job says so", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  await uploadScenes(scene, "roses");
  const endless = await working.train();
  const jobId = await submit(scene, "roses");
  const refused = await remove(scene, "roses");
  assert.ok("error" in refused, "a queued job needs it");
  assert.equal(refused.error.code, "FAILED_PRECONDITION");
  assert.match(
    refused.error.message,
    new RegExp(`Job ${jobId} is QUEUED and has not prepared the photos of the dataset roses yet`),
  );
  await rm(scene.join("datasets", "roses"), { recursive: true }); // by hand
  await answer((back) => scene.jobs.cancelTrainingJob({ jobId: endless }, back));
  const seen = await watchUntil(scene, { jobId }, () => false);
  const failure = seen.at(-1)?.state?.failure;
  assert.equal(stateOf(seen.at(-1)!), "FAILED");
  assert.equal(failure?.code, 5);
  assert.match(
    failure?.message ?? "",
    /^The photos of the dataset roses are gone from the server, and this job had not prepared them yet; put them back, and submit the job again\.$/,
  );
});

Deno.test("prepared photos that are damaged are made anew, and where the dataset is gone the job says so", async () => {
  await using workshop = await Workshop.open();
  const expected = await undisturbedIn(workshop);
  const spoil = async (jobId: string) => {
    await workshop.submit(jobId, config);
    await workshop.eventsUntil(jobId, ({ kind }) => kind === "checkpoint");
    await workshop.supervisor.pause(jobId);
    await workshop.eventsUntil(jobId, isState("PAUSED"));
    const kept = workshop.folder.join("jobs", jobId, "prepared", "photos.json");
    await rm(kept); // it is a second name: written to, the cache's would change, too
    await writeFile(kept, "{}");
  };
  await spoil("mended");
  await workshop.supervisor.resume("mended");
  const mended = await workshop.history("mended");
  assert.equal(changes(mended).at(-1), "RUNNING→SUCCEEDED by succeeded");
  await assertSame(workshop.folder.join("jobs", "mended"), expected);

  await spoil("lost");
  await rm(workshop.folder.join("scenes"), { recursive: true });
  await workshop.supervisor.resume("lost");
  const lost = await workshop.history("lost");
  assert.equal(changes(lost).at(-1), "RUNNING→FAILED by failed");
  const { failure } = await workshop.store.jobs.get("lost");
  assert.equal(failure?.code, "data_loss");
  assert.match(failure?.message ?? "", /are damaged, and its dataset is gone: put the photos back/);
});

Deno.test("a server that starts removes the prepared photos of jobs that are over, and no others", async () => {
  await using scene = await Scene.open();
  const { store, folder: { path: dataFolder } } = scene;
  const states = ["SUCCEEDED", "FAILED", "QUEUED", "PAUSED"] as const;
  for (const state of states) {
    await jobIn(store, `job-${state}`, state);
    await mkdir(scene.join("jobs", `job-${state}`, "prepared"), { recursive: true });
  }
  const datasets = await openDatasetFolders(store, dataFolder);
  await tidyDataFolder({ store, datasets, dataFolder });
  const left = states.filter((state) => hasKeptPhotos(dataFolder, `job-${state}`));
  assert.deepEqual(left, ["QUEUED", "PAUSED"]);
});
