import assert from "assert";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { status } from "@grpc/grpc-js";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { changesOf, openWorkingScene, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

/** Of what a process may write to. A worker takes about 0.9 GB before its first step. */
const LIMIT_KIB = 1_500_000;

/** By estimate 3.9 GB a step: eight photos of 488 MB. */
const largeConfig = {
  ...smallConfig,
  ...{ size: 1024, ngf: 16, batchSize: 8, validationFraction: 0, validateEvery: 0, sampleEvery: 0 },
};

Deno.test("a job that its worker has no memory for has FAILED with RESOURCE_EXHAUSTED and says what helps", async () => {
  await using scratch = await TemporaryFolder.create();
  const limited = `#!/bin/sh\nulimit -d ${LIMIT_KIB}\nexec '${process.execPath}' "$@"\n`;
  await writeFile(scratch.join("deno"), limited, { mode: 0o700 });
  await using working = await openWorkingScene();
  const { execPath } = process;
  process.execPath = scratch.join("deno"); // by which workers are started
  try {
    const [large, small] = [await working.train(largeConfig), await working.train(smallConfig)];
    const events = await watchUntil(working.scene, { jobId: large }, () => false);
    const { failure } = events.at(-1)?.state ?? {};
    assert.equal(changesOf(events).at(-1), "RUNNING→FAILED by FAILED");
    assert.equal(failure?.code, status.RESOURCE_EXHAUSTED, `${failure?.message}`);
    // In the step itself, most often; memory that runs out bit by bit ends the process.
    assert.match(failure?.message ?? "", /smaller size or ngf|smaller batch_size, size or ngf/);
    const next = await watchUntil(working.scene, { jobId: small }, () => false);
    assert.equal(changesOf(next).at(-1), "RUNNING→SUCCEEDED by SUCCEEDED");
  } finally {
    process.execPath = execPath;
  }
});
