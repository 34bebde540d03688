import assert from "assert";
import { type ServiceError, status as codes } from "@grpc/grpc-js";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { TinctError } from "../../src/errors.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../../src/protocol/status_details.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

const contract = loadPublicContract();

/** How a call that is refused ended, with its details. */
function refusal(call: (back: (error: ServiceError | null) => void) => unknown) {
  return new Promise<
    { code: string; message: string; bytes: number } & ReturnType<typeof decodeDetails>
  >(
    (resolve, reject) => {
      call((error) => {
        const details = error?.metadata.get(STATUS_DETAILS_KEY)[0];
        if (!(details instanceof Uint8Array)) return reject(error ?? new Error("it was taken"));
        const found = decodeDetails(contract, Buffer.from(details));
        const code = codes[error!.code] ?? "";
        resolve({ code, message: error!.details, bytes: details.length, ...found });
      });
    },
  );
}

Deno.test("refusals say for programs what their sentences say for people", async (t) => {
  await using scene = await Scene.open({ maxQueuedJobs: 1 });
  const train =
    (requestId: string, batchSize = 4) => (back: (error: ServiceError | null) => void) =>
      scene.colorization.train({ dataset: "meadow", requestId, config: { batchSize } }, back);

  await t.step("a full queue: QuotaFailure and when to try again", async () => {
    const { job } = await answer<TrainResponse__Output>(train("a"));
    assert.ok(job);
    const said = await refusal(train("b"));
    assert.equal(said.code, "RESOURCE_EXHAUSTED");
    assert.deepEqual([said.reason, said.retryDelayMs], ["QUEUE_FULL", 5000]);
    assert.match(said.quotas[0]?.description ?? "", /The queue is full/);
    assert.equal(said.quotas[0]?.subject, "server");
  });

  await t.step("a request id with another request: ResourceInfo", async () => {
    const said = await refusal(train("a", 8));
    assert.equal(said.code, "ALREADY_EXISTS");
    assert.deepEqual(said.resource, { type: "request", name: "a" });
  });

  await t.step("a job in the wrong state: PreconditionFailure of the job", async () => {
    await jobIn(scene.store, "job-over", "CANCELLED");
    const said = await refusal((back) => scene.jobs.pauseTrainingJob({ jobId: "job-over" }, back));
    assert.equal(said.code, "FAILED_PRECONDITION");
    assert.deepEqual(said.preconditions.map(({ type, subject }) => [type, subject]), [
      ["JOB_STATE", "job/job-over"],
    ]);
    assert.deepEqual(said.metadata, { job: "job-over" });
  });

  await t.step("what is not there: ResourceInfo, of what the sentence names", async () => {
    const said = await refusal((back) =>
      scene.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId: "job-none" } }, back)
    );
    assert.deepEqual([said.code, said.resource], ["NOT_FOUND", { type: "job", name: "job-none" }]);
  });

  await t.step("ListTrainingJobs with three faults names three", async () => {
    const said = await refusal((back) =>
      scene.jobs.listTrainingJobs({ states: [9 as 1], pageSize: -1, pageToken: "!" }, back)
    );
    assert.deepEqual(said.violations.map(({ field }) => field), [
      "states[0]",
      "page_size",
      "page_token",
    ]);
  });

  await t.step("a bad name beside bad options", async () => {
    const said = await refusal((back) =>
      scene.colorization.train({
        dataset: "../x",
        config: { lrG: 7 },
        displayName: "x".repeat(300),
      }, back)
    );
    assert.deepEqual(said.violations.map(({ field }) => field), [
      "dataset",
      "display_name",
      "config.lr_g",
    ]);
  });

  await t.step("an error that a worker has with the photo names the image", async () => {
    await using other = await Scene.open({}, (store) => {
      const workforce = new StoreWorkforce(store);
      workforce.colorizing.paint = () =>
        Promise.reject(new TinctError("invalid_argument", "The photo cannot be read: it is cut."));
      return Promise.resolve(workforce);
    });
    const { jobs } = await other.store.jobs.list();
    assert.deepEqual(jobs, []);
    const said = await refusal((back) =>
      other.colorization.colorize({ image: Buffer.from("x"), model: { name: "roses" } }, back)
    );
    assert.equal(said.code, "INVALID_ARGUMENT");
    assert.deepEqual(said.violations.map(({ field }) => field), ["image"]);
  });
});

Deno.test("a request with millions of faults is refused within the trailers that clients take", async () => {
  await using scene = await Scene.open();
  const parameters = Array.from({ length: 32 }, () => ({
    option: "x".repeat(90),
    values: { values: Array.from({ length: 10_000 }, () => ({ number: NaN })) },
  }));
  const startedMs = performance.now();
  const said = await refusal((back) =>
    scene.sweeps.createSweep({ spec: { dataset: "meadow", parameters } }, back)
  );
  assert.equal(said.code, "INVALID_ARGUMENT");
  assert.ok(said.bytes <= 4096, `${said.bytes} bytes of details`);
  assert.ok(said.violations.length >= 5, `${said.violations.length} are told`);
  assert.ok(Number(said.metadata["violations_left_out"]) > 500);
  assert.ok(said.message.length <= 1000);
  assert.ok(performance.now() - startedMs < 20_000);
});
