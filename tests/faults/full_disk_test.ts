import assert from "assert";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { UploadDatasetRequest } from "../../src/protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_dataset_response.ts";
import { send } from "../../src/protocol/send.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { checkDatabase } from "../stores/sqlite/check_database.ts";
import { type Ending, ending } from "../service/scene.ts";
import { sendImport } from "../service/send_import.ts";
import { changes, endlessConfig, paintScenes, smallConfig, Workshop } from "../service/workshop.ts";
import { type ServedFolder, serveFolder } from "./data_folder.ts";

/** Takes all room that a disk has left. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "w");
  const piece = new Uint8Array(4096);
  try {
    for (;;) await file.write(piece);
  } catch (error) {
    assert.match(String(error), /ENOSPC|No space/);
  }
}

function upload(served: ServedFolder, sizes: readonly number[]) {
  return ending<UploadDatasetResponse__Output>((back) => {
    const call = served.datasets.uploadDataset(back);
    const messages: UploadDatasetRequest[] = [{ start: { dataset: "flowers" } }];
    for (const [index, size] of sizes.entries()) {
      const piece = { fileName: `${index}.jpg`, data: Buffer.alloc(size, 1), last: true };
      messages.push({ piece });
    }
    const sending = async () => {
      for (const message of [...messages, { finish: {} }]) await send(call, message);
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}

function exhausted(result: Ending<unknown>, message: RegExp): void {
  assert.ok("error" in result, JSON.stringify(result));
  assert.equal(result.error.code, "RESOURCE_EXHAUSTED", result.error.message);
  assert.match(result.error.message, message);
  assert.ok((result.error.retryDelayMs ?? 0) > 0);
}

Deno.test("a disk that fills up during an upload and a submission: RESOURCE_EXHAUSTED, and on once there is room", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("data"), 6 * 2 ** 20);
  await t.step({
    name: "on a file system of 6 MiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      const ballast = `${disk.path}/ballast`;
      await mkdir(`${disk.path}/photos/meadow`, { recursive: true });
      await using served = await serveFolder(disk.path);
      const sizes = Array<number>(8).fill(1_000_000);
      exhausted(await upload(served, sizes), /disk is full/);
      const { state } = await served.store.datasets.get("flowers");
      assert.equal(state, "UPLOADING");
      // Unlike an upload, an import begins anew, and nothing of it stays.
      const network = { name: "x.onnx", bytes: Buffer.alloc(8_000_000) };
      const imported = await sendImport(served, "roses", { files: [network] });
      exhausted(imported, /^The server's disk is full; make room and import the network again\.$/);
      assert.deepEqual(await readdir(`${disk.path}/imports`), []);
      await fill(ballast);
      const train = (requestId: string) =>
        ending<TrainResponse__Output>((back) =>
          served.colorization.train({ dataset: "meadow", requestId }, back)
        );
      // What the write-ahead log has room for already is still taken in.
      const taken: string[] = [];
      for (;;) {
        const result = await train(`r${taken.length}`);
        if ("error" in result) {
          exhausted(result, /disk is full/);
          break;
        }
        taken.push(result.ok.job?.jobId ?? "");
        assert.ok(taken.length < 1000);
      }
      await rm(ballast);
      const { jobs } = await served.store.jobs.list({}, { pageSize: 1000 });
      assert.deepEqual(jobs.map(({ id }) => id).reverse(), taken, "what was answered, no more");
      const again = await train(`r${taken.length}`);
      assert.ok("ok" in again && !again.ok.repeatedRequest, JSON.stringify(again));
      const done = await upload(served, [1000]);
      assert.ok("ok" in done, JSON.stringify(done));
      assert.equal(done.ok.dataset?.state, "DATASET_STATE_READY");
      checkDatabase(`${disk.path}/tinct.db`);
    },
  });
});

Deno.test("a disk that fills up during a checkpoint fails the job with the cause, and costs no earlier one", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("jobs"), 24 * 2 ** 20);
  await t.step({
    name: "on a file system of 24 MiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      await paintScenes(folder.join("scenes"), 8);
      const workshop = await Workshop.open({}, folder);
      try {
        await workshop.submit("job", { ...endlessConfig, checkpointEvery: 5, logEvery: 1_000_000 });
        await workshop.eventsUntil("job", ({ kind }) => kind === "checkpoint");
        await fill(`${disk.path}/ballast`);
        const history = await workshop.history("job");
        assert.equal(changes(history).at(-1), "RUNNING→FAILED by failed");
        const { failure } = await workshop.store.jobs.get("job");
        assert.equal(failure?.code, "resource_exhausted");
        assert.match(failure?.message ?? "", /disk is full: .*step-\d+/);

        const store = await openCheckpointStore(`${disk.path}/job`, { programVersion: "1" });
        let kept = 0;
        {
          await using loaded = await store.loadLatestGood();
          kept = loaded.info.step;
        }
        assert.ok(kept >= 5);
        await rm(`${disk.path}/ballast`);
        const origin = { mode: "resume", jobId: "job", step: undefined } as const;
        const config = { ...smallConfig, maxSteps: kept + 4 };
        await workshop.store.jobs.create({ id: "next", dataset: "scenes", config, origin });
        workshop.supervisor.wake();
        const next = await workshop.history("next");
        assert.equal(changes(next).at(-1), "RUNNING→SUCCEEDED by succeeded");
        const [losses] = next.filter(({ kind }) => kind === "losses");
        assert.equal(Number(losses?.payload["step"]) - Number(losses?.payload["steps"]), kept);
      } finally {
        await workshop.close();
      }
    },
  });
});
