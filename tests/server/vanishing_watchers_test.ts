import assert from "assert";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { setTimeout as passed } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { RawPeer } from "../hostile/raw_peer.ts";
import { inTime } from "../in_time.ts";
import { answer } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";
import { endlessConfig } from "../service/workshop.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const contract = loadPublicContract();
const [rounds, watchers] = [3, 200];

/** What a connection that is gone costs for good in Deno 2.9.3, see docs/settings.md: about 45 KB. */
const LOST_MB = 0.045;

/**
 * What V8 and the allocator may keep besides: up to 24 MB of garbage, and pages of a heap that had
 * been large. 14 to 128 MB in all were measured, the less the calmer the machine.
 */
const KEPT_MB = 160;

Deno.test("600 watchers that vanish cost little memory; training and another watcher go on", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  await cp(photos, folder.join("photos", "small"), { recursive: true });
  const signs = ["--keepalive-seconds", "1", "--keepalive-timeout-seconds", "10"];
  // A fast training makes events while the server repeats its history to hundreds.
  const patience = ["--max-watcher-backlog", "1000000"];
  const room = ["--max-new-connections", "2000", "--max-connections-per-address", "1000"];
  await using served = await ServedProcess.start(folder.path, [...signs, ...patience, ...room]);
  using connections = new DisposableStack();
  const connect = <N extends Parameters<typeof contract.connect>[0]>(name: N) =>
    connections.adopt(
      contract.connect(name, served.address, credentials.createInsecure()),
      (client) => client.close(),
    );
  const colorization = connect("tinct.v1.ColorizationService");
  const { job } = await answer<{ job: { jobId: string } | null }>((done) =>
    colorization.train({ dataset: "small", config: { ...endlessConfig, sampleEvery: 20 } }, done)
  );
  const jobId = job?.jobId ?? "";
  const seen: StreamMetricsResponse__Output[] = [];
  let wake = () => {};
  const honest = (async () => {
    for await (const event of receive(colorization.streamMetrics({ jobId }))) {
      seen.push(event);
      wake();
    }
  })();
  honest.catch(() => {}); // it is awaited below
  /** Waits until the job has made so many more steps. */
  const steps = async (more: number) => {
    const now = () => seen.reduce((sum, { losses }) => sum + (losses?.steps ?? 0), 0);
    const wanted = now() + more;
    while (now() < wanted) {
      const woken = new Promise<void>((resolve) => wake = resolve);
      const over = honest.then(() => assert.fail("the job ended"));
      await inTime(Promise.race([woken, over]), "the honest watcher gets another event");
    }
  };
  await steps(40);
  const openFiles = async () => (await readdir(`/proc/${served.pid}/fd`)).length;
  const memoryMb = async () => {
    const status = await readFile(`/proc/${served.pid}/status`, "utf8");
    return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) * 1024 / 1e6;
  };
  const [filesBefore, before] = [await openFiles(), await memoryMb()];
  const { path, requestSerialize } = contract.service("tinct.v1.ColorizationService").StreamMetrics;
  const request = requestSerialize({ jobId });
  const atOnce: number[] = [];
  for (let round = 0; round < rounds; round++) {
    using peers = new DisposableStack();
    const watching = Array.from({ length: watchers }, async (_, index) => {
      const peer = peers.use(await RawPeer.call(served.address, path, request));
      while (peer.receivedBytes < 2000) {
        const more = new Promise((next) => peer.socket.once("data", next));
        await inTime(Promise.race([more, peer.closed]), `watcher ${index} gets its first events`);
        assert.ok(peer.isOpen, `watcher ${index} was refused`);
      }
      // Half of them close; the others, as after a power cut, are never heard of again.
      if (index % 2 === 0) peer.socket.destroy();
      else peer.socket.pause();
    });
    await Promise.all(watching);
    await steps(10);
    let files = await openFiles(); // the training opens some as well, for a moment
    for (let tries = 0; files > filesBefore && tries < 600; tries++) {
      await passed(100);
      files = await openFiles();
    }
    assert.ok(files <= filesBefore, "the server has noticed, and closed all");
    atOnce.push(await memoryMb());
  }
  // What is garbage goes within seconds, while training goes on.
  const allowed = before + rounds * watchers * LOST_MB + KEPT_MB;
  let after = await memoryMb();
  for (let tries = 0; after > allowed && tries < 120; tries++) {
    await passed(500);
    after = await memoryMb();
  }
  assert.ok(after <= allowed, `from ${before} to ${after} MB, after ${atOnce.join(", ")} MB`);
  await steps(10);
  await answer((done) => connect("tinct.v1.TrainingJobService").cancelTrainingJob({ jobId }, done));
  await inTime(honest, "the honest watcher gets the last event");
  assert.deepEqual(seen.map(({ sequence }) => sequence), seen.map((_, index) => index + 1));
  assert.equal(seen.at(-1)?.state?.to, "JOB_STATE_CANCELLED");
  assert.equal(await served.end("SIGTERM"), 0);
});
