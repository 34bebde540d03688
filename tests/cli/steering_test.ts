import assert from "assert";
import { readFile } from "node:fs/promises";
import { decodePhoto } from "../../src/images/decode.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "./run_tinct.ts";
import { photoPath } from "../images/test_photos.ts";
import { ServedProcess } from "../service/served_process.ts";
import { paintScenes } from "../service/workshop.ts";

const small = [
  ...["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--n-layers", "1"],
  ...["--batch-size", "2", "--validate-every", "0"],
];

Deno.test("a job is steered from the command line: pause, resume, promote, colorize, cancel", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos", "scenes"), 8);
  await using served = await ServedProcess.start(folder.path, ["--threads", "1"]);
  const tinct = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runKeptTinct([
      command,
      "--server",
      served.address,
      ...args,
    ]);
    assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    return stdout;
  };
  /** The line of a job in the list. */
  const line = async (jobId: string) =>
    (await tinct("jobs")).split("\n").find((each) => each.startsWith(jobId)) ?? "";
  const stepOf = (text: string) => Number(/ {2}step (\d+)/.exec(text)?.[1] ?? 0);
  const until = async (jobId: string, isIt: (line: string) => boolean) => {
    for (let seen = await line(jobId);; seen = await line(jobId)) if (isIt(seen)) return seen;
  };
  const submit = async (...args: string[]) =>
    (await tinct("submit", "--dataset", "scenes", ...small, ...args)).trim();

  const refused = await runKeptTinct([
    "submit",
    "--server",
    served.address,
    ...["--dataset", "no where", "--name", "x".repeat(201), ...small],
  ]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /--dataset must be a name [^]*--name must have at most 200 characters/,
  );

  const endless = ["--epochs", "1000000", "--checkpoint-every", "0", "--sample-every", "20"];
  const first = await submit(...endless, "--name", "the first");
  const second = await submit("--max-steps", "4", "--sample-every", "2");
  await until(first, (text) => stepOf(text) >= 20);
  assert.match(await line(second), /QUEUED .* {2}place 1 in the queue/);
  assert.match(await line(first), /RUNNING .* {2}scenes {2}step \d+.* {2}L1 \d.* {2}"the first"/);

  assert.match(await tinct("pause", first), new RegExp(`^${first} {2}PAUS(ING|ED) `));
  // The device is free for the next one, which runs to its end.
  const watched = await tinct("watch", second, "--samples", folder.join("samples"));
  assert.match(watched, /RUNNING\n[^]*Saved .*step-00000004\.png[^]*SUCCEEDED\n$/);
  for (const step of [2, 4]) {
    const name = `step-0000000${step}.png`;
    const { width, height } = await decodePhoto(await readFile(folder.join("samples", name)));
    assert.ok(width > height && height > 0, "a row of three pictures for each photo");
  }
  const paused = await until(first, (text) => text.includes("PAUSED"));
  const saved = stepOf(paused);
  assert.ok(saved >= 20);

  assert.match(await tinct("resume", first), new RegExp(`^${first} {2}(QUEUED|RUNNING) `));
  await until(first, (text) => text.includes("RUNNING") && stepOf(text) > saved);
  // Its only checkpoint is the one that the pause wrote; it is promoted while training goes on.
  const promoted = await tinct("promote", first, "--name", "scenes", "--description", "early");
  assert.match(promoted, new RegExp(`^scenes version 1: job ${first}, step (\\d+)\n$`));
  assert.ok(Number(/step (\d+)/.exec(promoted)?.[1]) >= saved);
  assert.match(
    await tinct("promote", second, "--name", "scenes", "--step", "4"),
    /^scenes version 2: .*, step 4\n$/,
  );
  for (const model of ["scenes", first]) {
    const out = folder.join(`by-${model}`);
    await tinct("colorize", "--model", model, "--out", out, photoPath("gray.jpg"));
    const gray = await decodePhoto(await readFile(photoPath("gray.jpg")));
    const made = await decodePhoto(await readFile(`${out}/gray.jpg`));
    assert.deepEqual([made.width, made.height], [gray.width, gray.height]);
  }

  assert.match(await tinct("cancel", first), new RegExp(`^${first} {2}CANCELL(ING|ED) `));
  const cancelled = await runKeptTinct(["watch", "--server", served.address, first]);
  assert.match(cancelled.stdout, /PAUSING\n[^]*PAUSED\n[^]*CANCELLED\n$/);
  assert.equal(cancelled.code, 1, "of a job that did not succeed");
  const wrong = await runKeptTinct(["pause", "--server", served.address, first]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /is CANCELLED and cannot be paused/);
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("commands say so where no server answers", async () => {
  await using folder = await TemporaryFolder.create();
  const nowhere = `unix:${folder.join("no.sock")}`;
  for (const words of [["jobs"], ["watch", "job-x", "--retries", "0"], ["pause", "job-x"]]) {
    const { code, stderr } = await runKeptTinct([...words, "--server", nowhere]);
    assert.equal(code, 1);
    assert.match(stderr, /^No server answers at unix:.*; start one with `deno task serve`/);
  }
});
