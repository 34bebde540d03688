import assert from "assert";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "./run_tinct.ts";
import { ServedProcess } from "../service/served_process.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const file = {
  method: "grid",
  config: {
    ...{ size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 1, batchSize: 2, maxSteps: 6 },
    ...{ validateEvery: 3, validationPhotos: 2, sampleEvery: 0 },
  },
  parameters: { lrG: [1e-3, 1e-4], lambdaL1: [10, 100] },
};

Deno.test("tinct sweep goes on where a server was killed, and draws what came out", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("data", "photos"), { recursive: true });
  await cp(photos, folder.join("data", "photos", "small"), { recursive: true });
  const path = folder.join("sweep.json");
  await writeFile(path, JSON.stringify({ ...file, dataset: "small" }));
  const sweep = (address: string, onError?: (stderr: string) => void) => {
    const place = ["--server", address, "--out", folder.join("out")];
    return runTinct(["sweep", path, ...place, "--retries", "2"], onError && { onError });
  };
  let sweepId = "";
  {
    await using served = await ServedProcess.start(folder.join("data"));
    const isRunning = Promise.withResolvers<void>();
    const watching = sweep(served.address, (stderr) => {
      if (stderr.includes("1 of 4 trials measured, 1 running")) isRunning.resolve();
    });
    await Promise.race([isRunning.promise, watching]);
    await served.end("SIGKILL");
    const cut = await watching;
    assert.equal(cut.code, 1);
    assert.match(cut.stderr, /1 of 4 trials measured, 1 running/);
    assert.equal(cut.stderr.match(/ Reconnecting\.$/gm)?.length, 2, cut.stderr);
    sweepId = /^Sweep (\S+)$/m.exec(cut.stderr)?.[1] ?? "";
  }
  await using served = await ServedProcess.start(folder.join("data"));
  const { code, stdout, stderr } = await sweep(served.address);
  assert.equal(code, 0, stderr);
  assert.equal(/^Sweep (\S+)$/m.exec(stderr)?.[1], sweepId, "the same sweep goes on");
  const [head, ...rows] = stdout.trim().split("\n");
  assert.match(head ?? "", /^trial {2}lr_g +lambda_l1 +step +psnr_db +state +job$/);
  assert.equal(rows.length, 4);
  const values = rows.map((row) => Number(row.trim().split(/\s+/)[4]));
  assert.deepEqual(values, values.toSorted((a, b) => b - a));
  const { state, trials } = JSON.parse(await readFile(folder.join("out", "sweep.json"), "utf8"));
  assert.equal(state, "SWEEP_STATE_SUCCEEDED");
  assert.deepEqual(trials.map(({ jobIds }: { jobIds: string[] }) => jobIds.length), [1, 1, 1, 1]);
  const { width, height } = await sharp(await readFile(folder.join("out", "sweep.png")))
    .metadata();
  assert.deepEqual([width, height], [1200, 520]);
  const jobs = await runTinct(["jobs", "--server", served.address]);
  assert.equal(jobs.stdout.trim().split("\n").length, 4, "no trial was begun twice");
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("tinct sweep needs no server, and refuses what does not fit before anything runs", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("sweep.json");
  await writeFile(path, JSON.stringify({ ...file, parameters: { lrG: [1e-3] } }));
  const here = ["--data", photos, "--out", folder.join("out")];
  const done = await runTinct(["sweep", path, ...here]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /\n0 +0\.001 +6 +[\d.]+ +measured +job-\w+\n$/);
  const again = await runTinct(["sweep", path, ...here]);
  assert.equal(again.stdout, done.stdout, "what is done is only shown");
  await writeFile(path, JSON.stringify({ ...file, parameters: { lrG: [-1], nDown: [40] } }));
  const refused = await runTinct(["sweep", path, ...here]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /lr_g that is invalid: it must be from 0 to 1, not -1/);
  assert.match(refused.stderr, /names n_down, which config gives a value/);
  const neither = await runTinct(["sweep", path]);
  assert.match(neither.stderr, /Give --server, or --data with the photos and --out/);
});
