import assert from "assert";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { unixEndpoint } from "../../src/protocol/worker_endpoint.ts";
import { dialServer, listenForWorkers, sendToWorker } from "../../src/protocol/worker_socket.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, type CallError, describe, ending, Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

/** Asserts that a client is told no more than a reference, under which the log has the cause, once. */
function assertReference(error: CallError, logged: readonly string[], cause: RegExp): void {
  assert.equal(error.code, "INTERNAL");
  const reference = /^Something went wrong in the server; .* reference ([0-9a-f]{10})\.$/
    .exec(error.message)?.[1];
  assert.ok(reference, error.message);
  assert.equal(logged.length, 1, logged.join(""));
  const line: Record<string, string> = JSON.parse(logged[0]!);
  assert.deepEqual([line["level"], line["reference"]], ["error", reference]);
  assert.match(line["error"] ?? "", cause);
}

Deno.test("a wrong answer ends a single call with INTERNAL and a reference; its cause is in the log once", async () => {
  let workforce: StoreWorkforce | undefined;
  await using scene = await Scene.open(
    {},
    (store) => Promise.resolve(workforce = new StoreWorkforce(store)),
  );
  workforce!.workbench.usablePhotos = NaN;
  const end = await ending((back) => scene.datasets.getDataset({ dataset: "meadow" }, back));
  assert.ok("error" in end, "it was sent");
  assertReference(
    end.error,
    scene.logged,
    /GetDatasetResponse\.report\.photos must be a whole number \(int64\), not NaN/,
  );
});

Deno.test("a wrong event ends a stream with INTERNAL and a reference, and nothing of it is sent", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  await scene.store.events.append("job-a", [
    { kind: "losses", payload: { step: 1, lossG: 0.5 } },
    { kind: "losses", payload: { step: "the second" } },
    { kind: "losses", payload: { step: 3 } },
  ]);
  const call = scene.colorization.streamMetrics({ jobId: "job-a" });
  const steps: number[] = [];
  let error: CallError | undefined;
  try {
    for await (const { losses } of receive(call)) if (losses) steps.push(losses.step);
  } catch (thrown) {
    error = describe(thrown as Parameters<typeof describe>[0]);
  }
  assert.ok(steps.every((step) => step === 1), `${steps}`); // grpc-js drops what is unread at an error
  assert.ok(error);
  assertReference(error, scene.logged, /losses\.step must be a whole number .*, not "the second"/);
});

Deno.test("a list whose entries are too large for a message comes in more pages, none of them past 4 MiB", async () => {
  await using scene = await Scene.open({ maxQueuedJobs: 1000 });
  // 64 labels of 400 characters of three bytes: 77 kB a job.
  const text = "€".repeat(195);
  const labels = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`${at} ${text}`, text]));
  const count = 120; // 9 MB
  for (let at = 0; at < count; at++) {
    await scene.store.jobs.create({ id: `job-${at}`, dataset: "meadow", config: {}, labels });
  }
  const ids: string[] = [];
  let pages = 0;
  for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
    const page = await answer<ListTrainingJobsResponse__Output>((back) =>
      scene.jobs.listTrainingJobs({ pageSize: 1000, pageToken }, back)
    );
    ids.push(...page.jobs.map(({ jobId }) => jobId));
    pageToken = page.nextPageToken;
  }
  assert.equal(new Set(ids).size, count);
  assert.equal(ids.length, count);
  assert.ok(pages >= 3, `${pages} pages`);
});

Deno.test("a sweep whose answer no client would take is refused before it begins", async () => {
  await using scene = await Scene.open();
  const options = ["lr_g", "lr_d", "beta1", "lambda_l1", "gp_weight", "lambda_color", "dropout"];
  const more = ["init_gain", "label_fake", "leaky_slope", "ema_decay", "lr_gamma", "lr_min"];
  const parameters = [...options, ...more, "clip_norm", "gray_ratio", "winning_share"].map((
    option,
  ) => ({ option, range: { min: option === "lr_gamma" ? 0.1 : 0, max: 0.5 } }))
    .map((parameter) =>
      parameter.option === "init_gain" ? { ...parameter, range: { min: 0.1, max: 0.5 } } : parameter
    );
  const create = (trials: number) =>
    ending((back) =>
      scene.sweeps.createSweep({
        spec: { dataset: "meadow", parameters, trials, config: { size: 32, nDown: 5 } },
      }, back)
    );
  const end = await create(10_000);
  assert.ok("error" in end, "it was begun");
  assert.equal(end.error.code, "INVALID_ARGUMENT", end.error.message);
  assert.deepEqual(end.error.fields, ["spec.parameters"]);
  assert.match(end.error.message, /answer may come to \d{7} bytes, and clients take 4194304/);
  const fits = await create(1000);
  assert.ok("ok" in fits, JSON.stringify(fits));
});

Deno.test("server and workers refuse to say what is wrong or too large, and go on saying what is right", async () => {
  const path = `${tmpdir()}/tinct-${randomBytes(6).toString("hex")}.sock`;
  const heard = Promise.withResolvers<unknown>();
  await using socket = await listenForWorkers(unixEndpoint(path), (call) => {
    call.on("error", () => {}); // the other side is gone at the end
    const talk = async () => {
      const wrong = { assignment: { training: { attempt: NaN } } };
      assert.throws(() => sendToWorker(call, wrong), /training\.attempt must be a whole number/);
      assert.throws(() => sendToWorker(call, {}), /WorkResponse\.message must be one of/);
      sendToWorker(call, { stop: {} });
      const { value } = await receive(call).next();
      heard.resolve(value?.finished?.step);
    };
    talk().catch(heard.reject);
  });
  assert.throws(() => socket.check({ assignment: {} }), /assignment\.work must be one of training/);
  using server = dialServer(unixEndpoint(path));
  server.call.on("error", () => {});
  assert.throws(() => server.send({ losses: { step: 1, lossG: NaN } }), /finite number, not NaN/);
  assert.throws(
    () => server.send({ log: { message: "x".repeat(2 ** 21) } }),
    /A message of \d+ bytes is too large for the server: log/,
  );
  const { value: first } = await receive(server.call).next();
  assert.equal(first?.message, "stop");
  server.send({ finished: { outcome: "OUTCOME_STOPPED", step: 7 } });
  assert.equal(await heard.promise, 7);
  await rm(path, { force: true });
});
