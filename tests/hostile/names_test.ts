import assert from "assert";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import type { requestCallback } from "@grpc/grpc-js";
import type { ListDatasetsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_datasets_response.ts";
import { send } from "../../src/protocol/send.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, ending, Scene } from "../service/scene.ts";

/** What leads elsewhere, or means something to a file system. */
const notNames = [
  "../etc",
  "..",
  ".",
  "/etc",
  "a/b",
  "a\\b",
  "a\0b",
  "meadow.",
  ".hidden",
  "meadow ",
  "%2e%2e%2fetc",
  "．．/etc",
  "C:",
  "-rf",
  "a".repeat(65),
];

/** Every call that takes a name or an id of which a path is made. */
const calls: Readonly<
  Record<string, (scene: Scene, name: string, back: requestCallback<unknown>) => unknown>
> = {
  Train: (scene, dataset, back) => scene.colorization.train({ dataset }, back),
  GetDataset: (scene, dataset, back) => scene.datasets.getDataset({ dataset }, back),
  PreviewPhotos: (scene, dataset, back) =>
    scene.datasets.previewPhotos({ dataset, fileNames: ["a.png"] }, back),
  ListDatasetFiles: (scene, dataset, back) => scene.datasets.listDatasetFiles({ dataset }, back),
  DeleteDataset: (scene, dataset, back) => scene.datasets.deleteDataset({ dataset }, back),
  UploadDataset: (scene, dataset, back) => {
    const call = scene.datasets.uploadDataset(back);
    send(call, { start: { dataset } }).then(() => call.end(), () => {});
  },
  CreateSweep: (scene, dataset, back) => {
    const parameters = [{ option: "lr_g", values: { values: [{ number: 1e-3 }] } }];
    const spec = { dataset, method: "SWEEP_METHOD_GRID" as const, parameters };
    scene.sweeps.createSweep({ spec }, back);
  },
  PromoteCheckpoint: (scene, name, back) =>
    scene.models.promoteCheckpoint({ name, checkpoint: { jobId: "job-a" } }, back),
  ImportModel: (scene, name, back) => {
    const files = [{ name: "x.onnx", sizeBytes: 1, sha256: Buffer.alloc(32) }];
    const call = scene.models.importModel(back);
    send(call, { start: { name, files } }).then(() => call.end(), () => {});
  },
};

/** Calls that look a name or id up, and make a path only of what they found. */
const lookUps: typeof calls = {
  GetModel: (scene, name, back) => scene.models.getModel({ name }, back),
  DeleteModel: (scene, name, back) => scene.models.deleteModel({ name }, back),
  Colorize: (scene, name, back) =>
    scene.colorization.colorize({ image: Buffer.from("x"), model: { name } }, back),
  "Colorize by job": (scene, jobId, back) =>
    scene.colorization.colorize({
      image: Buffer.from("x"),
      model: { checkpoint: { jobId } },
    }, back),
  DeleteTrainingJob: (scene, jobId, back) => scene.jobs.deleteTrainingJob({ jobId }, back),
  "Train from a job": (scene, jobId, back) =>
    scene.colorization.train({ resumeFrom: { jobId } }, back),
};

Deno.test("what is no name is refused wherever a path would be made of it", async (t) => {
  await using scene = await Scene.open();
  const before = (await readdir(scene.folder.path)).sort();
  for (const [call, ask] of Object.entries(calls)) {
    await t.step(call, async () => {
      for (const name of notNames) {
        const result = await ending<unknown>((back) => ask(scene, name, back));
        assert.ok("error" in result, `${JSON.stringify(name)} was taken`);
        assert.equal(result.error.code, "INVALID_ARGUMENT", JSON.stringify(name));
      }
    });
  }
  for (const [call, ask] of Object.entries(lookUps)) {
    await t.step(call, async () => {
      for (const name of notNames) {
        const result = await ending<unknown>((back) => ask(scene, name, back));
        assert.ok("error" in result, `${JSON.stringify(name)} was taken`);
        assert.match(result.error.code, /^(?:INVALID_ARGUMENT|NOT_FOUND)$/, JSON.stringify(name));
      }
    });
  }
  await t.step("and nothing was made or logged", async () => {
    assert.deepEqual((await readdir(scene.folder.path)).sort(), before);
    assert.deepEqual(await readdir(scene.join("datasets")), []);
    assert.deepEqual(scene.logged, []);
  });
});

Deno.test("a dataset that is a link out of the data root is refused, and not listed", async (t) => {
  await using scene = await Scene.open();
  const outside = scene.join("outside");
  await mkdir(outside);
  await writeFile(`${outside}/secret.jpg`, "secret");
  await symlink(outside, scene.join("photos", "away"));
  // Whose name begins as the root's does.
  await mkdir(scene.join("photos-2"));
  await symlink("../photos-2", scene.join("photos", "near"));
  await symlink(".", scene.join("photos", "self"));
  await symlink("meadow", scene.join("photos", "same"));
  await symlink("nowhere", scene.join("photos", "broken"));
  const onlyPlaces = Object.entries(calls).filter(([name]) =>
    name !== "PromoteCheckpoint" && name !== "ImportModel"
  );
  for (const [call, ask] of onlyPlaces) {
    await t.step(call, async () => {
      for (const name of ["away", "near", "self"]) {
        const result = await ending<unknown>((back) => ask(scene, name, back));
        assert.ok("error" in result, `${name} was taken`);
        assert.equal(result.error.code, "PERMISSION_DENIED", `${name}: ${result.error.message}`);
        assert.doesNotMatch(result.error.message, /outside/, "it says where the link leads");
      }
    });
  }
  await t.step("a link within the root is a dataset", async () => {
    const { datasets } = await answer<ListDatasetsResponse__Output>((back) =>
      scene.datasets.listDatasets({}, back)
    );
    assert.deepEqual(datasets.map(({ name }) => name), ["meadow", "same"]);
  });
});

Deno.test("links that lead out of the data folder are no uploads, checkpoints or models", async (t) => {
  await using scene = await Scene.open();
  const outside = scene.join("outside");
  await mkdir(outside);
  await writeFile(`${outside}/secret.jpg`, "secret");

  await t.step("a file of an uploaded dataset", async () => {
    await scene.store.datasets.begin("flowers");
    await mkdir(scene.join("datasets", "flowers"));
    await symlink(`${outside}/secret.jpg`, scene.join("datasets", "flowers", "a.jpg"));
    await symlink(outside, scene.join("datasets", "flowers", "b"));
    const { files } = await answer<{ files: unknown[] }>((back) =>
      scene.datasets.listDatasetFiles({ dataset: "flowers" }, back)
    );
    assert.deepEqual(files, []);
  });

  await t.step("a file that is uploaded by way of a link", async () => {
    const result = await ending<unknown>((back) => {
      const call = scene.datasets.uploadDataset(back);
      const sending = async () => {
        await send(call, { start: { dataset: "flowers" } });
        await send(call, { piece: { fileName: "b/new.jpg", data: Buffer.from("x"), last: true } });
        call.end();
      };
      sending().catch(() => {});
    });
    assert.deepEqual(await readdir(outside), ["secret.jpg"], JSON.stringify(result));
  });

  await t.step("the folder of an upload", async () => {
    await rm(scene.join("datasets", "flowers"), { recursive: true });
    await symlink(outside, scene.join("datasets", "flowers"));
    const result = await ending<unknown>((back) => {
      const call = scene.datasets.uploadDataset(back);
      const sending = async () => {
        await send(call, { start: { dataset: "flowers" } });
        await send(call, { piece: { fileName: "new.jpg", data: Buffer.from("x"), last: true } });
        call.end();
      };
      sending().catch(() => {});
    });
    assert.deepEqual(await readdir(outside), ["secret.jpg"], JSON.stringify(result));
  });

  await t.step("a checkpoint", async () => {
    await jobIn(scene.store, "job-a", "RUNNING");
    await mkdir(scene.join("jobs", "job-a", "checkpoints"), { recursive: true });
    await symlink(outside, scene.join("jobs", "job-a", "checkpoints", "step-5"));
    const path = "jobs/job-a/checkpoints/step-5";
    const checkpoint = { step: 5, epoch: 1, path, sizeBytes: 1, best: false };
    await scene.store.events.append("job-a", [{ kind: "checkpoint", payload: {}, checkpoint }]);
    const result = await ending<unknown>((back) =>
      scene.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId: "job-a" } }, back)
    );
    assert.ok("error" in result, "it was promoted");
    // With a checkpoint behind it too: tests/checkpoints/checkpoint_damage_test.ts.
    assert.match(result.error.code, /^(?:DATA_LOSS|PERMISSION_DENIED|NOT_FOUND)$/);
    assert.doesNotMatch(result.error.message, /secret/);
  });
});
