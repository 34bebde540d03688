import assert from "assert";
import { openMetricsEndpoint } from "../../src/operating/metrics_endpoint.ts";
import { openLog } from "../../src/log/log.ts";
import { jobIn, newJob } from "../jobs/small_job.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { addRunningJob, measured } from "./measured_scene.ts";
import { ending } from "../service/scene.ts";

/** The value of a sample, such as `tinct_jobs{state="QUEUED"}`; NaN where it is not there. */
const valueOf = (text: string, sample: string) =>
  Number(text.split("\n").find((line) => line.startsWith(`${sample} `))?.split(" ").at(-1) ?? NaN);

Deno.test("Prometheus is told of jobs: how many there are, and how those that run go", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  const { store } = scene;
  await jobIn(store, "job-done", "SUCCEEDED");
  await addRunningJob(scene, "job-a");
  await store.jobs.create(newJob("job-q"));
  const text = await metrics.text();
  const expected = {
    'tinct_jobs{state="QUEUED"}': 1,
    'tinct_jobs{state="RUNNING"}': 1,
    'tinct_jobs{state="SUCCEEDED"}': 1,
    'tinct_job_step{job_id="job-a"}': 40,
    'tinct_job_epoch{job_id="job-a"}': 1.5,
    'tinct_job_images_per_second{job_id="job-a"}': 8.5,
    'tinct_job_time_left_seconds{job_id="job-a"}': 90.5,
    'tinct_job_worker_restarts{job_id="job-a"}': 1,
    'tinct_job_worker_resident_bytes{job_id="job-a"}': 1_000_000,
    'tinct_job_loss{job_id="job-a",loss="loss_G_L1"}': 12.25,
    'tinct_job_learning_rate{job_id="job-a",network="D"}': 1e-4,
    'tinct_job_validation{job_id="job-a",measure="psnrDb"}': 22.5,
    'tinct_device_busy{device="cpu",kind="cpu"}': 0,
    "tinct_up": 1,
  };
  const found = Object.fromEntries(
    Object.keys(expected).map((name) => [name, valueOf(text, name)]),
  );
  assert.deepEqual(found, expected);
  assert.ok(!text.includes('job_id="job-done"'), "a job that is over has no gauges");
  await store.jobs.trigger("job-a", "succeeded");
  assert.ok(!(await metrics.text()).includes('job_id="job-a"'), "nor has one that is over by now");
});

Deno.test("calls and photos are counted, with where their time went", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  await jobIn(scene.store, "job-a", "RUNNING");
  await ending((back) => scene.jobs.getTrainingJob({ jobId: "job-none" }, back));
  for (let i = 0; i < 3; i++) {
    const request = { image: Buffer.from("photo"), model: { checkpoint: { jobId: "job-a" } } };
    const made = await ending((back) => scene.colorization.colorize(request, back));
    assert.ok("ok" in made, JSON.stringify(made));
  }
  const text = await metrics.text();
  const path = "tinct.v1.TrainingJobService/GetTrainingJob";
  assert.equal(
    valueOf(text, `tinct_calls_total{method="${path}",code="NOT_FOUND",protocol="grpc"}`),
    1,
  );
  const colorize = "tinct.v1.ColorizationService/Colorize";
  assert.equal(
    valueOf(text, `tinct_calls_total{method="${colorize}",code="OK",protocol="grpc"}`),
    3,
  );
  assert.equal(
    valueOf(text, `tinct_call_duration_seconds_count{method="${colorize}",protocol="grpc"}`),
    3,
  );
  assert.equal(valueOf(text, 'tinct_colorize_duration_seconds_count{part="total"}'), 3);
  // The colorizing of the test says 3 ms for the model.
  assert.equal(
    valueOf(text, 'tinct_colorize_duration_seconds_sum{part="model"}').toFixed(6),
    "0.009000",
  );
  assert.equal(valueOf(text, 'tinct_colorize_batch_size_bucket{le="1"}'), 3);
  assert.equal(valueOf(text, "tinct_colorize_photos_in_work"), 0);
  assert.equal(valueOf(text, 'tinct_colorize_worker_photos{worker="0",device="cpu"}'), 2);
  assert.equal(valueOf(text, 'tinct_colorize_worker_models{worker="0",device="cpu"}'), 0);
});

Deno.test("metrics are answered over HTTP, at their path and nowhere else", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  const log = openLog({ write: () => {} });
  await using endpoint = await openMetricsEndpoint(metrics, "127.0.0.1:0", log);
  const ask = (path: string, method = "GET") =>
    fetch(`http://${endpoint.address}${path}`, { method });
  const answer = await ask("/metrics");
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  assert.match(text, /^tinct_up 1$/m);
  assert.match(text, /^process_resident_memory_bytes \d+/m);
  for (const [path, method, status] of [["/", "GET", 404], ["/metrics", "POST", 405]] as const) {
    const refused = await ask(path, method);
    assert.equal(refused.status, status);
    await refused.body?.cancel();
  }
  await assert.rejects(
    openMetricsEndpoint(metrics, "nowhere", log),
    failsWith("invalid_argument", /"nowhere" is no address for metrics/),
  );
  await assert.rejects(
    openMetricsEndpoint(metrics, endpoint.address, log),
    failsWith("failed_precondition", /cannot listen on/),
  );
});
