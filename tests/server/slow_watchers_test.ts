import assert from "assert";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import sharp from "sharp";
import type { NewEvent } from "../../src/jobs/job_event.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { frame, frames, RawPeer } from "../hostile/raw_peer.ts";
import { inTime, until } from "../in_time.ts";
import { jobIn } from "../jobs/small_job.ts";
import { Scene } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";

type Event = StreamMetricsResponse__Output;

/** Messages that a client of grpc-js takes in before its reader wants them. */
const READ_AHEAD = 16;

/** The event of a picture of noise in a job's folder; noise takes as many bytes as it has. */
async function noisyPicture(dataFolder: string, width: number, height: number): Promise<NewEvent> {
  const raw = randomBytes(width * height * 3);
  const png = await sharp(raw, { raw: { width, height, channels: 3 } }).png().toBuffer();
  await mkdir(join(dataFolder, "jobs", "job-a"), { recursive: true });
  const path = join("jobs", "job-a", "noise.png");
  await writeFile(join(dataFolder, path), png);
  const format = "IMAGE_FORMAT_PNG";
  const payload = { path, step: 1, format, width, height, photos: 1, sizeBytes: png.length };
  return { kind: "sample", payload };
}

/** How many pictures came, and how many are told to have been left out. */
function picturesOf(events: readonly Event[]): { got: number; left: number } {
  return {
    got: events.filter(({ sample }) => sample && sample.image.length > 0).length,
    left: events.reduce((sum, { dropped }) => sum + (dropped?.samples ?? 0), 0),
  };
}

async function readAll(messages: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

Deno.test("a slow watcher of a running job loses pictures and is told how many; another gets all", async () => {
  await using scene = await Scene.open({ maxWatcherBacklog: 10 });
  await jobIn(scene.store, "job-a", "RUNNING");
  const picture = await noisyPicture(scene.folder.path, 256, 170); // 128 KiB
  const watch = async () => {
    const call = scene.colorization.streamMetrics({ jobId: "job-a" });
    const messages = receive(call);
    for (let state = 0; state < 2; state++) await messages.next();
    return messages;
  };
  const [slow, keen] = [await watch(), await watch()];
  const pictures = 80;
  for (let at = 0; at < pictures; at++) {
    await scene.store.events.append("job-a", [picture]);
    const { value } = await keen.next(); // at its own pace, whatever the other does
    assert.ok(value?.sample && value.sample.image.length > 128_000, `${at}: ${value?.event}`);
  }
  await scene.store.jobs.trigger("job-a", "succeeded");
  const seen = await readAll(slow);
  const { got, left } = picturesOf(seen);
  assert.equal(got + left, pictures, "what is missing is told");
  assert.ok(got <= READ_AHEAD + 10, `${got} pictures had been kept for it`);
  const told = seen.find(({ dropped }) => dropped)!;
  assert.ok(told.sequence > Number(told.dropped?.firstSequence), "with the stretch they are of");
  assert.equal(seen.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED", "states are never left out");
});

Deno.test("watchers that read no further are left without pictures, and take little memory", async () => {
  const [pictures, stalled] = [200, 6];
  await using folder = await TemporaryFolder.create();
  const picture = await noisyPicture(folder.path, 640, 512); // 0.98 MB: four fit beside each other
  {
    await using store = await openSqliteStore(folder.join("tinct.db"));
    await jobIn(store, "job-a", "RUNNING");
    await store.events.append("job-a", Array<NewEvent>(pictures).fill(picture));
    await store.jobs.trigger("job-a", "succeeded");
  }
  await using served = await ServedProcess.start(folder.path);
  using connections = new DisposableStack();
  const contract = loadPublicContract();
  const watch = () => {
    const client = connections.adopt(
      contract.connect(
        "tinct.v1.ColorizationService",
        served.address,
        credentials.createInsecure(),
        { "grpc.use_local_subchannel_pool": 1 }, // each over a connection of its own
      ),
      (each) => each.close(),
    );
    const call = client.streamMetrics({ jobId: "job-a" });
    call.on("error", () => {}); // that it is cancelled below
    return call;
  };
  const calls = Array.from({ length: stalled }, watch);
  const streams = calls.map((call) => receive(call));
  await Promise.all(streams.map((stream) => stream.next()));
  await until(
    () => calls.every(({ readableLength }) => readableLength >= READ_AHEAD),
    "every client has read as far ahead as it does",
  );
  // They hold what room there is for pictures by now, or wait for it: the next one gets none in time.
  const late: Event[] = [];
  const last = watch();
  for await (const event of receive(last)) {
    late.push(event);
    if (event.dropped) break;
  }
  assert.equal(late.at(-1)?.dropped?.samples, 1);
  const status = await readFile(`/proc/${served.pid}/status`, "utf8");
  const peakMb = Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1000;
  assert.ok(peakMb < 300, `${peakMb} MB, with ${stalled * pictures} MB to be sent`);
  for (const call of [...calls, last]) call.cancel();
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("a watcher that takes nothing for too long loses its call, and another gets the picture", async () => {
  const stalled = 4;
  await using scene = await Scene.open({ maxStallSeconds: 0.5 });
  await jobIn(scene.store, "job-a", "RUNNING");
  const picture = await noisyPicture(scene.folder.path, 640, 512); // 0.98 MB: four fill the room
  await scene.store.events.append("job-a", [picture]);
  const contract = loadPublicContract();
  const { path, requestSerialize } = contract.service("tinct.v1.ColorizationService").StreamMetrics;
  using peers = new DisposableStack();
  const resets = Array.from({ length: stalled }, async () => {
    const request = requestSerialize({ jobId: "job-a" });
    const peer = peers.use(await RawPeer.call(scene.server.address, path, request));
    const more = () => inTime(once(peer.socket, "data"), "the server sends more, or a reset");
    while (peer.receivedBytes < 65_535) await more();
    await more();
    return peer.received.at(-1);
  });
  const seen: Event[] = [];
  const call = scene.colorization.streamMetrics({ jobId: "job-a" });
  call.on("error", () => {}); // that the server stops
  for await (const event of receive(call)) {
    seen.push(event);
    if (event.sample || event.dropped) break;
  }
  assert.ok((seen.at(-1)?.sample?.image.length ?? 0) > 900_000, JSON.stringify(seen.at(-1)));
  const enhanceYourCalm = frame(frames.reset, 0, 1, Buffer.of(0, 0, 0, 11));
  for (const last of await Promise.all(resets)) assert.deepEqual(last, enhanceYourCalm);
});
