import assert from "assert";
import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import type { GetDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/get_dataset_response.ts";
import type { ListDatasetFilesResponse__Output } from "../../src/protocol/generated/tinct/v1/list_dataset_files_response.ts";
import type { ListDatasetsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_datasets_response.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { until } from "../in_time.ts";
import { answer, Scene } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { paintScenes, smallConfig } from "../service/workshop.ts";

const list = ({ datasets }: Scene) =>
  answer<ListDatasetsResponse__Output>((back) => datasets.listDatasets({ pageSize: 1000 }, back));

Deno.test("lists pass over what goes while they are made", async () => {
  await using scene = await Scene.open();
  const { store } = scene;
  await writeFile(scene.join("photos", "meadow", "a.jpg"), "123");
  let isOver = false;
  const coming = (async () => {
    for (let round = 0; !isOver; round++) {
      const name = `passing-${round % 7}`;
      await mkdir(scene.join("photos", name, "below"), { recursive: true });
      await writeFile(scene.join("photos", name, "below", "a.jpg"), "1");
      await rm(scene.join("photos", name), { recursive: true });
      await store.datasets.begin(`upload-${round % 7}`);
      await store.datasets.delete(`upload-${round % 7}`);
      const id = `job-${round % 7}`;
      await store.jobs.create({ id, dataset: "meadow", config: {} });
      await store.jobs.trigger(id, "cancel_requested");
      await store.jobs.delete(id);
    }
  })();
  try {
    for (let round = 0; round < 150; round++) {
      const [{ datasets }] = await Promise.all([
        list(scene),
        answer<ListTrainingJobsResponse__Output>((back) =>
          scene.jobs.listTrainingJobs({ pageSize: 1000 }, back)
        ),
      ]);
      const meadow = datasets.find(({ name }) => name === "meadow");
      assert.deepEqual([meadow?.photos, meadow?.sizeBytes], [1, 3]);
    }
  } finally {
    isOver = true;
    await coming;
  }
});

Deno.test("files of odd names and kinds in a folder stop neither lists nor reports nor jobs", async () => {
  await using work = await openWorkingScene();
  const { scene } = work;
  const folder = scene.join("photos", "scenes");
  execFileSync("mkfifo", ["pipe"], { cwd: folder });
  await symlink("pipe", scene.join("photos", "scenes", "pipe.jpg"));
  await symlink("/dev/zero", scene.join("photos", "scenes", "zero.jpg"));
  // A name that is no UTF-8: Latin-1's "ß".
  execFileSync("sh", ["-c", `printf 1 > "$(printf 'Stra\\337e.jpg')"`], { cwd: folder });

  const { datasets } = await list(scene);
  assert.deepEqual(datasets.map(({ name, photos }) => [name, photos]), [["meadow", 0], [
    "scenes",
    8,
  ]]);
  const { files } = await answer<ListDatasetFilesResponse__Output>((back) =>
    scene.datasets.listDatasetFiles({ dataset: "scenes" }, back)
  );
  assert.equal(files.length, 8);
  const { report } = await answer<GetDatasetResponse__Output>((back) =>
    scene.datasets.getDataset({ dataset: "scenes" }, back)
  );
  assert.equal(report?.usablePhotos, 8);
  const told = report?.problems.map(({ message }) => message) ?? [];
  for (const message of [/^pipe\.jpg is a pipe/, /^zero\.jpg is .*(?:leads out|device)/]) {
    assert.ok(told.some((each) => message.test(each)), `${message} in ${told.join("; ")}`);
  }
  const jobId = await work.train({ ...smallConfig, maxSteps: 2, sampleEvery: 0 });
  const events = await watchUntil(scene, { jobId }, () => false);
  assert.equal(stateOf(events.findLast(({ state }) => state)!), "SUCCEEDED");
});

/** Processes of workers that look at datasets, of this process's. */
function inspectors(): number {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) =>
    line.trimStart().startsWith(`${Deno.pid} `) && line.includes("workers/inspect.ts")
  ).length;
}

Deno.test("GetDataset looks at a folder once, two folders at a time, and again when it has changed", async () => {
  await using work = await openWorkingScene();
  const { scene, log } = work;
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) await paintScenes(scene.join("photos", name), 2);
  const started = () =>
    log.filter(({ message }) => message === "A worker to inspect starts.").length;
  const get = async (name: string) =>
    (await answer<GetDatasetResponse__Output>((back) =>
      scene.datasets.getDataset({ dataset: name }, back)
    )).report;
  let isOver = false;
  let most = 0;
  const all = Promise.all(names.flatMap((name) => Array.from({ length: 8 }, () => get(name))))
    .finally(() => isOver = true);
  await until(() => {
    most = Math.max(most, inspectors());
    return isOver;
  }, "all folders are looked at");
  for (const report of await all) assert.equal(report?.usablePhotos, 2);
  assert.ok(most <= 2, `${most} workers at a time`);
  assert.equal(started(), names.length);
  const again = await Promise.all(names.map(get));
  assert.deepEqual(again.map((report) => report?.usablePhotos), [2, 2, 2, 2, 2]);
  assert.equal(started(), names.length, "nothing has changed");
  await paintScenes(scene.join("photos", "a", "more"), 1);
  assert.equal((await get("a"))?.photos, 3);
  assert.equal(started(), names.length + 1);
});
