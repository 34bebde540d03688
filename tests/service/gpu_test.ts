import assert from "assert";
import process from "node:process";
import { readEnvironment } from "../../src/config.ts";
import { localProcesses } from "../../src/fleet/local_process.ts";
import { findMemoryInUse } from "../../src/gpu/cards.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { cpuDevice, findDevices } from "../../src/fleet/find_devices.ts";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { Metrics } from "../../src/operating/metrics.ts";
import { changes, readPhoto, smallConfig, Workshop } from "./workshop.ts";

const [gpu] = (await findDevices(readEnvironment())).filter(({ kind }) => kind === "gpu");

/** A test of what only a machine with an NVIDIA GPU can show. */
function gpuTest(name: string, body: (t: Deno.TestContext) => Promise<void>): void {
  const reason = gpu === undefined ? " (not run: there is no NVIDIA GPU here)" : "";
  Deno.test({ name: `${name}${reason}`, ignore: gpu === undefined, fn: body });
}

const openWorkshop = (folder?: Workshop["folder"], colorizeDevice = "gpu:0") =>
  Workshop.open({}, folder, { devices: [gpu!], colorizeDevice });

const longer = { ...smallConfig, maxSteps: 24, checkpointEvery: 8 };

/** What was measured on validation photos, which every step before has a part in. */
const validationsOf = (events: readonly JobEvent[]) =>
  events.filter(({ kind }) => kind === "validation").map(({ payload }) => payload);

gpuTest("a server's jobs train on the GPU, the same numbers each time", async () => {
  await using workshop = await openWorkshop();
  const metrics = new Metrics(workshop.store, workshop.supervisor, localProcesses());
  await workshop.submit("one", longer);
  await workshop.eventsUntil("one", ({ kind }) => kind === "losses");
  assert.equal((await workshop.store.jobs.get("one")).slot, gpu!.name);
  const used = Number(
    /^tinct_device_memory_used_bytes\{.*\} (\S+)$/m.exec(await metrics.text())?.[1],
  );
  // Taken as it is needed: CUDA itself takes some hundred MB, so small a model next to nothing.
  assert.ok(used > 1e8 && used < gpu!.memoryBytes / 4, `${used} bytes are in use`);
  const one = await workshop.history("one");
  assert.equal(changes(one).at(-1), "RUNNING→SUCCEEDED by succeeded");
  await workshop.submit("two", longer);
  const two = await workshop.history("two");
  assert.equal(validationsOf(one).at(-1)?.["step"], 24);
  assert.deepEqual(validationsOf(two), validationsOf(one));
});

gpuTest("a killed worker's job on the GPU goes on as if it had not been killed", async () => {
  await using workshop = await openWorkshop();
  await workshop.submit("whole", longer);
  const whole = await workshop.history("whole");
  await workshop.submit("killed", longer);
  await workshop.eventsUntil("killed", ({ kind }) => kind === "checkpoint");
  process.kill(workshop.workerPid("killed"), "SIGKILL");
  const killed = await workshop.history("killed");
  assert.ok(changes(killed).includes("RUNNING→RUNNING by worker_lost"), changes(killed).join());
  assert.equal(validationsOf(whole).at(-1)?.["step"], 24);
  assert.deepEqual(validationsOf(killed).at(-1), validationsOf(whole).at(-1));
});

gpuTest("photos are colorized on the GPU as on the CPU", async () => {
  await using workshop = await openWorkshop();
  await workshop.submit("job", longer);
  await workshop.history("job");
  const photo = await readPhoto("coffee.png");
  const paint = async (from: Workshop) => {
    const model = { jobId: "job" } as const;
    const made = await from.colorizing.colorize(photo, { model, format: "IMAGE_FORMAT_PNG" });
    return (await decodePhoto(made.image)).rgb;
  };
  const onGpu = await paint(workshop);
  await workshop.close();
  const again = await Workshop.open({}, workshop.folder, {
    devices: [cpuDevice()],
    colorizeDevice: "cpu",
  });
  try {
    const onCpu = await paint(again);
    assert.equal(onGpu.length, onCpu.length);
    const differences = onGpu.map((value, index) => Math.abs(value - onCpu[index]!));
    // Both compute in float32, in another order: a rounding to eight bits may fall the other way.
    assert.ok(Math.max(...new Set(differences)) <= 1, `${Math.max(...new Set(differences))}`);
  } finally {
    await again.close();
  }
});

gpuTest(
  "a batch that the GPU's memory does not hold fails with the one that should fit",
  async () => {
    await using workshop = await openWorkshop();
    const huge = { ...smallConfig, size: 2048, nDown: 8, ngf: 256, ndf: 64, batchSize: 8 };
    await workshop.submit("huge", {
      ...huge,
      validationFraction: 0,
      validateEvery: 0,
      sampleEvery: 0,
    });
    const history = await workshop.history("huge");
    assert.equal(changes(history).at(-1), "RUNNING→FAILED by failed");
    const { failure } = await workshop.store.jobs.get("huge");
    assert.equal(failure?.code, "resource_exhausted");
    assert.match(
      failure?.message ?? "",
      /batch_size \d+ should fit|even one photo per step would not/,
    );
    const free = [...(await findMemoryInUse()).values()];
    assert.ok(
      free.every((bytes) => bytes < gpu!.memoryBytes / 4),
      "the worker is gone, with its memory",
    );
  },
);
