import assert from "assert";
import { existsSync } from "node:fs";
import { copyFile, readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { readAnyFloats } from "../../src/checkpoints/tensor_values.ts";
import { openSafetensors, writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { vggTensors } from "../../src/checkpoints/vgg_weights.ts";
import type { DeleteWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/delete_weights_response.ts";
import type { ListWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_weights_response.ts";
import type { TrainRequest } from "../../src/protocol/generated/tinct/v1/train_request.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { numberAt, tensorOf, writeResnet } from "../checkpoints/torchvision_resnet.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { answer } from "../service/scene.ts";
import { sendWeights } from "../service/send_weights.ts";
import { type Event, openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

const config = {
  ...smallConfig,
  generator: "GENERATOR_RESNET18",
  ngf: 2,
  lambdaPerceptual: 5,
  validateEvery: 0,
  sampleEvery: 0,
  checkpointEvery: 4,
} as const;
const encoder = {
  config: { ...config, perceptual: "PERCEPTUAL_NETWORK_ENCODER" },
  encoderWeights: "resnet",
} as const;

Deno.test("jobs train with uploaded weights, also after their worker was killed and the file deleted", async (t) => {
  // Only the test kills workers, however slow the machine is.
  const patience = { startTimeoutMs: 600_000, heartbeatTimeoutMs: 600_000 };
  await using working = await openWorkingScene({ limits: patience });
  const { scene } = working;
  const file = scene.join("sent.safetensors");
  await writeResnet(file, "resnet18", { before: "module.", dtype: "F16" });
  const resnet = await sendWeights(scene, "resnet", await readFile(file));
  assert.ok("ok" in resnet, JSON.stringify(resnet));
  await writeSafetensors(
    file,
    vggTensors(2).map(({ name, shape }) => {
      const { data: _, ...info } = tensorOf(name, shape);
      const count = shape.reduce((product, size) => product * size, 1);
      const values = Float32Array.from({ length: count }, (_, i) => 0.1 * numberAt(name, i));
      return { ...info, data: () => new Uint8Array(values.buffer) };
    }),
  );
  const eyes = await sendWeights(scene, "vgg", await readFile(file));
  assert.ok("ok" in eyes, JSON.stringify(eyes));

  const submit = async (request: TrainRequest) => {
    const { job } = await answer<TrainResponse__Output>((back) =>
      scene.colorization.train({ dataset: "scenes", ...request }, back)
    );
    return job?.jobId ?? "";
  };
  const end = async (jobId: string, seen: Event[] = []) => {
    const events = await watchUntil(scene, { jobId, fromSequence: seen.length + 1 }, () => false);
    const last = events.at(-1)!;
    assert.equal(stateOf(last), "SUCCEEDED", last.state?.failure?.message ?? "");
    return events;
  };
  const frozen = async (jobId: string, step: string) => {
    const path = scene.join("jobs", jobId, "checkpoints", step, "perceptual.safetensors");
    await using opened = await openSafetensors(path);
    return [...new Float32Array((await opened.read("layers.0.0.weight")).buffer)];
  };
  const perceptualOf = (events: readonly Event[]) =>
    events.flatMap(({ losses }) => losses?.lossGPerceptual ?? []);

  await t.step("the loss sees with the encoder", async () => {
    const jobId = await submit({ ...encoder, config: { ...encoder.config, maxSteps: 8 } });
    const seen = await watchUntil(scene, { jobId }, ({ checkpoint }) => Boolean(checkpoint));
    await answer<DeleteWeightsResponse__Output>((back) =>
      scene.weights.deleteWeights({ name: "resnet" }, back)
    );
    try {
      process.kill(working.workerPid(jobId), "SIGKILL");
    } catch {
      // It was as quick as that.
    }
    const events = await end(jobId, seen);
    const told = perceptualOf([...seen, ...events]);
    assert.ok(told.length > 0 && told.every((value) => value > 0), `${told}`);
    const given = Array.from({ length: 2 * 3 * 49 }, (_, i) => numberAt("conv1.weight", i));
    assert.deepEqual(await frozen(jobId, "step-00000008"), given);
    // What it held has gone with it.
    assert.deepEqual(await readdir(scene.join("held_weights")), []);
    assert.equal(existsSync(scene.join("weights", "resnet")), false);

    // Another job goes on with the checkpoint, which has the encoder; another begins with it.
    const on = await submit({ resumeFrom: { jobId, step: 4 }, config: { maxSteps: 8 } });
    await end(on);
    const generatorOf = (id: string) =>
      readFile(scene.join("jobs", id, "checkpoints", "step-00000008", "generator.safetensors"));
    assert.ok((await generatorOf(on)).equals(await generatorOf(jobId)), "to the bit");
    const anew = { ...encoder.config, maxSteps: 1 };
    await end(await submit({ startFrom: { jobId }, config: anew }));
  });

  await t.step("the loss sees with a VGG16", async () => {
    const request = { config: { ...config, maxSteps: 8 }, perceptualWeights: "vgg" };
    const jobId = await submit(request);
    const seen = await watchUntil(scene, { jobId }, ({ losses }) => Boolean(losses));
    try {
      process.kill(working.workerPid(jobId), "SIGKILL");
    } catch {
      // It was as quick as that.
    }
    const events = await end(jobId, seen);
    const told = perceptualOf([...seen, ...events]);
    assert.ok(told.length > 0 && told.every((value) => value > 0), `${told}`);
    const last = scene.join("jobs", jobId, "checkpoints", "step-00000008");
    assert.ok(!(await readdir(last)).includes("perceptual.safetensors"));
  });

  await t.step("a generator's file is brought by a command, and trained on", async () => {
    const given = pthPath("ddcolor_tiny.pth");
    const argv = [
      ...["submit", "--server", scene.server.address, "--dataset", "scenes"],
      ...["--generator", "ddcolor-tiny", "--start-from", given],
      ...["--size", "32", "--ndf", "4", "--n-layers", "1", "--batch-size", "2"],
      ...["--max-steps", "2", "--freeze-encoder-steps", "2", "--validate-every", "0"],
      ...["--sample-every", "0", "--watch"],
    ];
    const done = await runKeptTinct(argv);
    assert.equal(done.code, 0, done.stderr);
    const jobId = /^job-\w+/m.exec(done.stdout)?.[0] ?? "";
    const { weights } = await answer<ListWeightsResponse__Output>((back) =>
      scene.weights.listWeights({}, back)
    );
    const known = weights.map(({ name, network }) => [name, network]);
    assert.match(known[0]?.[0] ?? "", /^ddcolor_tiny-[0-9a-f]{8}$/);
    assert.equal(known[0]?.[1], "WEIGHTS_NETWORK_GENERATOR");
    const last = scene.join("jobs", jobId, "checkpoints", "step-00000002");
    await using trained = await openTensors(`${last}/generator.safetensors`);
    await using original = await openTensors(given);
    const both = (name: string) =>
      Promise.all([
        readAnyFloats(trained, name),
        readAnyFloats(original, `params.${name}`),
      ]);
    // Its encoder has kept still, and the decoder moves by about a rate a step.
    const [encoder, before] = await both("encoder.arch.stages.1.0.pwconv1.weight");
    assert.deepEqual(encoder, before);
    const [decoder, given2] = await both("decoder.color_decoder.query_feat.weight");
    const moved = decoder.reduce((most, v, i) => Math.max(most, Math.abs(v - given2[i]!)), 0);
    assert.ok(moved > 0 && moved < 0.01, `${moved}`);
    assert.deepEqual(await readdir(scene.join("held_weights")), []);

    // Its options come from the file, and what is wrong with them is told before it is uploaded.
    const tried = await runKeptTinct([...argv.slice(0, -1), "--dry-run"]);
    assert.equal(tried.code, 0, tried.stderr);
    assert.match(tried.stderr, /ddcolor_tiny\.pth is not uploaded for a dry run\./);
    const renamed = scene.join("renamed.pth");
    await copyFile(given, renamed);
    const wrong: readonly [options: string[], says: RegExp][] = [
      [["--ngf", "4"], /--ngf is 4, and the weights have 2: give the same value/],
      [["--ngf", "4", "--dry-run"], /--ngf is 4, and the weights have 2: give the same value/],
      [["--size", "48"], /--size must be a multiple of 32, .*, not 48/],
      [["--encoder-weights", "resnet"], /Give --start-from \S+ or --encoder-weights, not both/],
    ];
    for (const [options, says] of wrong) {
      const other = await runKeptTinct([
        ...argv.slice(0, -1),
        ...["--start-from", renamed],
        ...options,
      ]);
      assert.equal(other.code, 2, other.stderr);
      assert.match(other.stderr, says);
    }
    const { weights: after } = await answer<ListWeightsResponse__Output>((back) =>
      scene.weights.listWeights({}, back)
    );
    assert.deepEqual(after.map(({ name }) => name), weights.map(({ name }) => name));
  });
});
