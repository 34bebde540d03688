import assert from "assert";
import { cp, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "./run_tinct.ts";
import { ServedProcess } from "../service/served_process.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const small = [
  ...["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--n-layers", "2"],
  ...["--batch-size", "2", "--validation-photos", "2", "--sample-count", "2"],
];

async function dataFolder(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  await cp(photos, folder.join("photos", "small"), { recursive: true });
  return folder;
}

Deno.test("submit and watch train on a server to the end, with losses, samples and checkpoints", async () => {
  await using folder = await dataFolder();
  await using served = await ServedProcess.start(folder.path);
  const server = ["--server", served.address];
  const every = ["--max-steps", "12", "--sample-every", "6", "--validate-every", "6"];
  const submit = ["submit", ...server, "--dataset", "small", ...small, ...every];
  const first = await runTinct([...submit, "--request-id", "once"]);
  assert.equal(first.code, 0, first.stderr);
  const jobId = first.stdout.trim();
  const again = await runTinct([...submit, "--request-id", "once"]);
  assert.equal(again.stdout.trim(), jobId, "a repeated request gives the same job");
  const other = await runTinct([...submit, "--request-id", "once", "--seed", "1"]);
  assert.match(other.stderr, /was used for another request/);
  const watch = await runTinct(["watch", ...server, "--samples", folder.join("out"), jobId]);
  assert.equal(watch.code, 0, watch.stdout + watch.stderr);
  assert.match(watch.stdout, /^QUEUED\nRUNNING\n/);
  assert.match(watch.stdout, /step 12 {2}epoch/);
  assert.match(watch.stdout, /Step 12: checkpoint/);
  assert.match(watch.stdout, /Saved .*step-00000012\.png/);
  assert.match(watch.stdout, /SUCCEEDED\n$/);
  const jobs = await runTinct(["jobs", ...server]);
  assert.match(jobs.stdout, new RegExp(`^${jobId} {2}SUCCEEDED .* small {2}step 12`));
  const cancel = await runTinct(["cancel", ...server, jobId]);
  assert.match(cancel.stderr, /is SUCCEEDED and cannot be cancelled/);
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("a second server on the same data folder refuses to start", async () => {
  await using folder = await dataFolder();
  await using served = await ServedProcess.start(folder.path);
  await using second = await ServedProcess.start(folder.path);
  assert.equal(await second.end(), 1);
  assert.match(String(second.lines.at(-1)?.["message"]), /Another server is using/);
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("a job that SIGTERM interrupts goes on from its checkpoint at the next start", async () => {
  await using folder = await dataFolder();
  await using served = await ServedProcess.start(folder.path);
  const submit = ["submit", "--server", served.address, "--dataset", "small", ...small];
  const { stdout } = await runTinct([...submit, "--epochs", "100000"]);
  const jobId = stdout.trim();
  const watching = runTinct(["watch", "--server", served.address, "--retries", "0", jobId], {
    interruptAt: /never/,
  });
  // Until it has trained for some steps.
  for (let step = 0; step < 5;) {
    const { stdout } = await runTinct(["jobs", "--server", served.address]);
    step = Number(/step (\d+)/.exec(stdout)?.[1] ?? 0);
  }
  assert.equal(await served.end("SIGTERM"), 0);
  const { stdout: seen } = await watching;
  assert.match(seen, /checkpoint[^\n]*\nQUEUED[^\n]*\n$/, "the watcher saw the end");
  const last = Number(seen.match(/Step (\d+): checkpoint/)?.[1]);
  await using restarted = await ServedProcess.start(folder.path);
  const server = ["--server", restarted.address];
  for (let step = 0; step <= last;) {
    const { stdout } = await runTinct(["jobs", ...server]);
    step = Number(/step (\d+)/.exec(stdout)?.[1] ?? 0);
  }
  const cancelled = await runTinct(["cancel", ...server, jobId]);
  assert.match(cancelled.stdout, /CANCELL/);
  const { stdout: whole } = await runTinct(["watch", ...server, jobId]);
  assert.match(whole, /CANCELLED\n$/);
  const steps = [...whole.matchAll(/^step (\d+)/gm)].map(([, step]) => Number(step));
  assert.deepEqual(steps, steps.toSorted((a, b) => a - b), "no step was taken twice");
});
