import assert from "assert";
import { cp, mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime, whileNews } from "../in_time.ts";
import { answer } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";
import { smallConfig } from "../service/workshop.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const contract = loadPublicContract();
const watchers = 200;
const config = { ...smallConfig, maxSteps: 60, validateEvery: 20, sampleEvery: 60 };

Deno.test("200 watchers of one job get every event of it, once, and the server stays small", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  await cp(photos, folder.join("photos", "small"), { recursive: true });
  await using served = await ServedProcess.start(folder.path);
  using connections = new DisposableStack();
  const connect = () =>
    connections.adopt(
      contract.connect(
        "tinct.v1.ColorizationService",
        served.address,
        credentials.createInsecure(),
        { "grpc.use_local_subchannel_pool": 1 }, // each over a connection of its own
      ),
      (client) => client.close(),
    );
  const { job } = await answer<{ job: { jobId: string } | null }>((done) =>
    connect().train({ dataset: "small", config }, done)
  );
  const jobId = job?.jobId ?? "";
  const trains = Promise.withResolvers<void>();
  let received = 0;
  const watch = async () => {
    const seen: StreamMetricsResponse__Output[] = [];
    for await (const event of receive(connect().streamMetrics({ jobId }))) {
      seen.push(event);
      received++;
      if (event.losses) trains.resolve();
    }
    return seen;
  };
  const early = Array.from({ length: watchers / 2 }, watch);
  await inTime(trains.promise, "the job trains");
  const late = Array.from({ length: watchers / 2 }, watch);
  const [first = [], ...others] = await whileNews(
    Promise.all([...early, ...late]),
    () => received,
    "every watcher gets the last event",
  );

  assert.deepEqual(first.map(({ sequence }) => sequence), first.map((_, index) => index + 1));
  assert.equal(first.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED");
  const steps = first.reduce((sum, { losses }) => sum + (losses?.steps ?? 0), 0);
  assert.equal(steps, config.maxSteps, "every step is in one losses event");
  for (const seen of others) assert.deepEqual(seen, first);

  const status = await readFile(`/proc/${served.pid}/status`, "utf8");
  const peakMb = Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1000;
  assert.ok(peakMb < 300, `${peakMb} MB`);
  assert.equal(await served.end("SIGTERM"), 0);
});
