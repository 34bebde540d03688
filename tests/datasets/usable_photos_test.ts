import assert from "assert";
import { type ClientUnaryCall, type ServiceError, status as codes } from "@grpc/grpc-js";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { GetDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/get_dataset_response.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { photoBytes } from "../images/test_photos.ts";
import { until } from "../in_time.ts";
import { answer, ending, type Scene } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { endlessConfig, smallConfig } from "../service/workshop.ts";

const config = { ...smallConfig, batchSize: 1, maxSteps: 1 };

const train = (scene: Scene, dataset: string) =>
  ending<{ job: { jobId: string } | null }>((back) =>
    scene.colorization.train({ dataset, config }, back)
  );

/** A sweep of two trials on a dataset. */
const sweepOf = (dataset: string) => {
  const values = [{ number: 1e-4 }, { number: 1e-3 }];
  return {
    spec: { dataset, config, parameters: [{ option: "lr_g", values: { values } }], trials: 2 },
  };
};

/** The same two calls in progress, and the codes that they end with. */
function calls(scene: Scene, dataset: string) {
  const open = (start: (back: (error: ServiceError | null) => void) => ClientUnaryCall) => {
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    return { call: start((error) => resolve(codes[error?.code ?? codes.OK] ?? "")), ended };
  };
  return [
    open((back) => scene.colorization.train({ dataset, config }, back)),
    open((back) => scene.sweeps.createSweep(sweepOf(dataset), back)),
  ];
}

/** What is asked of the server that would train on a dataset, and what it answers. */
async function refusals(scene: Scene, dataset: string) {
  const sweep = await ending((back) => scene.sweeps.createSweep(sweepOf(dataset), back));
  return [await train(scene, dataset), sweep].map((end) => {
    assert.ok("error" in end, "it was taken");
    return [end.error.code, end.error.message];
  });
}

const violationsOf = async (scene: Scene, dataset: string) => {
  const { valid, violations } = await answer<ValidateTrainingConfigResponse__Output>((back) =>
    scene.jobs.validateTrainingConfig({ dataset, config }, back)
  );
  assert.equal(valid, false);
  return violations.map(({ field, description }) => `${field} ${description}`);
};

Deno.test("a dataset without a photo to train on is refused by its name, before anything is queued", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const looks = () =>
    working.log.filter(({ message }) => message === "A worker to inspect starts.").length;
  const place = async (dataset: string, files: Readonly<Record<string, Uint8Array | string>>) => {
    await mkdir(scene.join("photos", dataset), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(scene.join("photos", dataset, name), bytes);
    }
  };
  const cut = (await photoBytes("coffee.png")).subarray(0, 5000);

  await t.step("an empty folder, and one with other files alone", async () => {
    await place("empty", {});
    await place("letters", { "letter.txt": "no photo" });
    for (const dataset of ["empty", "letters"]) {
      const said = `The dataset ${dataset} has no photo; add colour photos to it.`;
      assert.deepEqual(await refusals(scene, dataset), [
        ["FAILED_PRECONDITION", said],
        ["FAILED_PRECONDITION", said],
      ]);
      assert.deepEqual(await violationsOf(scene, dataset), [
        "dataset has no photo; add colour photos to it",
      ]);
    }
  });

  await t.step("photos that are all broken or gray", async () => {
    await place("spoilt", { "a.png": cut, "b.jpg": "text", "c.jpg": await photoBytes("gray.jpg") });
    const what = "has no photo to train on (of 3 files 2 files are broken and 1 photo is gray)";
    const said = `The dataset spoilt ${what}; add colour photos to it.`;
    assert.deepEqual((await refusals(scene, "spoilt"))[0], ["FAILED_PRECONDITION", said]);
    assert.deepEqual(await violationsOf(scene, "spoilt"), [
      `dataset ${what}; add colour photos to it`,
    ]);
  });

  await t.step("many that ask at a time share one look", async () => {
    const before = looks();
    const ends = await Promise.all(Array.from({ length: 8 }, () => train(scene, "spoilt")));
    for (const end of ends) assert.ok("error" in end);
    assert.equal(looks() - before, 1);
  });

  await t.step(
    "one that is not there is NOT_FOUND, and so is one that was deleted by hand",
    async () => {
      const end = await train(scene, "nowhere");
      assert.ok("error" in end);
      assert.deepEqual([end.error.code, end.error.message], [
        "NOT_FOUND",
        "There is no dataset nowhere; see the list of datasets.",
      ]);
    },
  );

  assert.deepEqual((await scene.store.jobs.list()).jobs, [], "nothing was queued");
  assert.deepEqual((await scene.store.sweeps.list()).sweeps, []);

  await t.step(
    "nothing is queued for clients that give up while photos are looked for",
    async () => {
      await place("late", { "cat.jpg": await photoBytes("cat.jpg") });
      const before = looks();
      const first = calls(scene, "late");
      await until(() => looks() !== before, "a look at the photos begins");
      for (const { call } of first) call.cancel();
      for (const { ended } of first) assert.equal(await ended, "CANCELLED");
      assert.ok("ok" in await train(scene, "late"));
      // Their look ended with them, unless it was over before. A call that came once the others had gone
      // had one of its own.
      assert.ok(looks() - before <= first.length + 1, `${looks() - before} looks`);
      const { jobs } = await scene.store.jobs.list();
      assert.deepEqual(jobs.map(({ dataset }) => dataset), ["late"]);
      assert.deepEqual((await scene.store.sweeps.list()).sweeps, []);
    },
  );

  await t.step("one good photo is enough, and is not looked for again", async () => {
    await place("spoilt", { "d.jpg": await photoBytes("cat.jpg") });
    const end = await train(scene, "spoilt");
    assert.ok("ok" in end, JSON.stringify(end));
    const before = looks();
    assert.ok("ok" in await train(scene, "spoilt"));
    assert.equal(looks(), before);
  });
});

Deno.test("a job whose photos are gone by the time it starts names the dataset, not the server's folders", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  await mkdir(scene.join("photos", "brief"));
  await writeFile(scene.join("photos", "brief", "cat.jpg"), await photoBytes("cat.jpg"));
  const first = await working.train(endlessConfig);
  const end = await train(scene, "brief");
  assert.ok("ok" in end, JSON.stringify(end));
  await rm(scene.join("photos", "brief", "cat.jpg"));
  await answer((back) => scene.jobs.cancelTrainingJob({ jobId: first }, back));
  const seen = await watchUntil(scene, { jobId: end.ok.job?.jobId ?? "" }, () => false);
  assert.equal(stateOf(seen.at(-1)!), "FAILED");
  assert.match(
    seen.at(-1)?.state?.failure?.message ?? "",
    /^There is no photo in the dataset brief, nor in the folders below it; a photo's name ends in /,
  );
});

Deno.test("a report of broken photos with the longest names still reaches the client, cut to what fits", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const deep = Array.from({ length: 4 }, (_, at) => `${at}`.repeat(230)).join("/");
  await mkdir(scene.join("photos", "deep", deep), { recursive: true });
  const count = 900; // with names of 950 bytes, each told twice: 1.7 MB
  for (let index = 0; index < count; index++) {
    await writeFile(scene.join("photos", "deep", deep, `${index}.jpg`), "no photo");
  }
  const { report } = await answer<GetDatasetResponse__Output>((back) =>
    scene.datasets.getDataset({ dataset: "deep" }, back)
  );
  assert.deepEqual([report?.photos, report?.brokenPhotos], [count, count]);
  const named = report?.problems.length ?? 0;
  assert.ok(named > 100 && named < count, `${named} are named`);
});
