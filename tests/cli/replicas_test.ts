import assert from "assert";
import { readdir } from "node:fs/promises";
import process from "node:process";
import {
  type CheckpointInfo,
  readCheckpointInfo,
} from "../../src/checkpoints/checkpoint_folder.ts";
import { readMetrics } from "../../src/runs/metrics_log.ts";
import { freeLoopbackAddresses } from "../../src/replicas/addresses.ts";
import { inTime } from "../in_time.ts";
import { ReplicaScene, smallTraining } from "./replica_scene.ts";

async function newest(scene: ReplicaScene, run: string): Promise<CheckpointInfo> {
  const folder = scene.path(`${run}/checkpoints`);
  const name = (await readdir(folder)).toSorted().at(-1) ?? "";
  return await readCheckpointInfo(`${folder}/${name}`);
}

/** The steps that are logged, with their losses. */
async function losses(scene: ReplicaScene, run: string) {
  return (await readMetrics(scene.path(run)))
    .map(({ imagesPerSecond: _, ...entry }) => entry);
}

const steps = (count: number) => ["--max-steps", String(count)];
const never = steps(1_000_000);

Deno.test("when rank 1 of 3 is killed, and then rank 0 of 2, the others go on from the checkpoint", async () => {
  await using scene = await ReplicaScene.create();
  const running = scene.train("run", [
    ...[...smallTraining, "--replicas", "3", "--threads", "1"],
    ...["--checkpoint-every", "20", ...steps(180)],
  ]);
  await running.until(/Step 40: checkpoint/);
  process.kill(await scene.pidOf(1), "SIGKILL");
  await running.until(/Replica 1 is lost \(SIGKILL\)/);
  const goesOn = /Going on with 2 replicas, from the newest checkpoint/;
  await running.until(new RegExp(`${goesOn.source}[^]*Step \\d+: checkpoint`));
  process.kill(await scene.pidOf(0), "SIGKILL");
  const { code, output } = await running.ended;
  assert.equal(code, 0, output);
  const [, before = "", after = ""] = /^([^]*)Going on with 2 replicas([^]*)$/.exec(output) ?? [];
  assert.doesNotMatch(before, /Replica 0 is lost/);
  assert.match(after, /Replica 0 is lost \(SIGKILL\)/);
  assert.match(after, /Going on with 1 replica, from the newest checkpoint/);
  assert.match(output, /Trained 180 steps on 24 photos/);
  const logged = await losses(scene, "run");
  assert.deepEqual(logged.map(({ step }) => step), Array.from({ length: 180 }, (_, i) => i + 1));
  assert.equal((await newest(scene, "run")).step, 180);
  await scene.quiet();
});

Deno.test("a replica that hangs is noticed within the time of silence, and left out", async () => {
  await using scene = await ReplicaScene.create();
  const running = scene.train("run", [
    ...[...smallTraining, "--replicas", "2", "--threads", "1", "--replica-timeout", "10"],
    ...["--checkpoint-every", "20", ...steps(90)],
  ]);
  await running.until(/Step 20: checkpoint/);
  process.kill(await scene.pidOf(1), "SIGSTOP");
  await running.until(/Replica 1 .* is lost: it has been silent for \d+ s/);
  const { code, output } = await running.ended;
  assert.equal(code, 0, output);
  // How much longer depends on what else the machine does.
  const [, silence] = /it has been silent for (\d+) s/.exec(output) ?? [];
  assert.ok(Number(silence) >= 10, output);
  assert.match(output, /Going on with 1 replica, from the newest checkpoint/);
  assert.equal((await newest(scene, "run")).step, 90);
  await scene.quiet();
});

Deno.test("Ctrl-C to the parent, or to another replica, leaves a checkpoint and no process; resumed, they are, to the bit, ones that were not stopped", async () => {
  await using scene = await ReplicaScene.create();
  const replicas = ["--replicas", "3", "--threads", "1"];
  const all = [...smallTraining, ...replicas, "--checkpoint-every", "10"];
  const interrupted = async (
    running: ReturnType<ReplicaScene["train"]>,
    pidOf: () => number | Promise<number>,
    at: RegExp,
  ) => {
    await running.until(at);
    process.kill(await pidOf(), "SIGINT");
    const { code, output } = await running.ended;
    assert.equal(code, 130, output);
    const step = Number(/Interrupted after step (\d+)/.exec(output)?.[1]);
    assert.match(output, /Continue with: deno task tinct train .* --resume --replicas 3\n/);
    assert.equal((await newest(scene, "parts")).step, step);
    await scene.quiet();
    return step;
  };
  const running = scene.train("parts", [...all, ...never]);
  await interrupted(running, () => scene.pidOf(1), /Step 10: checkpoint/);
  const resumed = scene.train("parts", ["--resume", ...replicas, ...never]);
  const step = await interrupted(resumed, () => resumed.child.pid!, /Step \d+: checkpoint/);

  const end = step + 5;
  const rest = await scene.train("parts", ["--resume", ...replicas, ...steps(end)]).ended;
  assert.equal(rest.code, 0, rest.output);
  const whole = await scene.train("whole", [...all, ...steps(end)]).ended;
  assert.equal(whole.code, 0, whole.output);
  assert.match(whole.output, new RegExp(`Trained ${end} steps on 24 photos`));
  const [a, b] = [await newest(scene, "whole"), await newest(scene, "parts")];
  assert.deepEqual(b.files, a.files); // with their checksums
  assert.deepEqual(await losses(scene, "parts"), await losses(scene, "whole"));
  await scene.quiet();
});

Deno.test("no replica outlives the process that started it", async () => {
  await using scene = await ReplicaScene.create();
  const running = scene.train("run", [
    ...[...smallTraining, "--replicas", "2", "--threads", "1", "--checkpoint-every", "10"],
    ...never,
  ]);
  await running.until(/Step 10: checkpoint/);
  assert.equal((await scene.processes()).size, 3);
  process.kill(running.child.pid!, "SIGKILL");
  await running.ended;
  await scene.quiet();
});

Deno.test("replicas are rolled back together", async () => {
  await using scene = await ReplicaScene.create();
  const { code, output } = await scene.train("run", [
    ...[...smallTraining, "--replicas", "2", "--threads", "1", "--checkpoint-every", "3"],
    // A discriminator that learns at all is taken for one that is winning, again and again.
    ...[
      "--on-discriminator-winning",
      "rollback",
      "--winning-share",
      "0.95",
      "--winning-steps",
      "12",
    ],
    ...["--max-rollbacks", "2", "--rollback-rate", "0.001", "--lr-d", "0.01", ...never],
  ]).ended;
  assert.equal(code, 1, output);
  assert.match(output, /It was rolled back 2 times before, to learning rates of 2e-10/);
  await scene.quiet();
});

Deno.test("replicas started one by one find each other, and say how to go on after a loss", async () => {
  await using scene = await ReplicaScene.create();
  const addresses = (await freeLoopbackAddresses(2)).join();
  const replica = (rank: number) => ["--replica-addresses", addresses, "--rank", String(rank)];
  const second = scene.train(undefined, [...replica(1), "--threads", "1"]);
  await second.until(/Waiting for rank 0 at 127\.0\.0\.1/);
  const first = scene.train("run", [
    ...[...smallTraining, ...replica(0), "--threads", "1", "--checkpoint-every", "10"],
    ...never,
  ]);
  await first.until(/Step 10: checkpoint/);
  process.kill(second.child.pid!, "SIGKILL");
  const { code, output } = await first.ended;
  assert.equal(code, 75, output);
  assert.match(output, /Replica 1 \(127\.0\.0\.1:\d+\) is lost/);
  assert.match(output, /Continue with those that are left: deno task tinct train .* --resume/);
  await second.ended;
  await scene.quiet();
});

Deno.test("a replica with other photos is refused, and both say so", async () => {
  await using scene = await ReplicaScene.create();
  await scene.draw("others", 10);
  const addresses = (await freeLoopbackAddresses(2)).join();
  const replica = (rank: number) => ["--replica-addresses", addresses, "--rank", String(rank)];
  const first = scene.train("run", [...smallTraining, ...replica(0), ...never]);
  const second = scene.train(undefined, replica(1), "others");
  const ends = await Promise.all([first.ended, second.ended]);
  assert.deepEqual(ends.map(({ code }) => code), [1, 1], ends.map(({ output }) => output).join());
  assert.match(ends[1].output, /^The photos in .*others are not those of rank 0/m);
  assert.match(
    ends[0].output,
    /Replica 1 .* failed: The photos in .*others are not those of rank 0/,
  );
  await scene.quiet();
});

Deno.test("what stands in rank 0's way ends the training at once: nobody waits for it in vain", async (t) => {
  await using scene = await ReplicaScene.create({ count: 1 });
  const waiting = ["--replicas", "2", "--replica-timeout", "3600"];
  await t.step("a folder that is not there, before a process is started", async () => {
    const { code, output } = await inTime(scene.train("run", waiting, "none").ended, "it ends");
    assert.equal(code, 1, output);
    assert.match(output, /^The folder \S+none does not exist; check its path\.\n$/);
  });
  await t.step("weights that rank 0 alone looks for", async () => {
    const args = [...waiting, "--generator", "resnet18", "--encoder-weights", scene.path("none")];
    const { code, output } = await inTime(scene.train("run", args).ended, "it ends");
    assert.equal(code, 1, output);
    assert.match(output, /none/);
  });
  await scene.quiet();
});

const refusals: [args: string[], says: RegExp][] = [
  [["--rank", "1"], /--rank says which of --replica-addresses this process is/],
  [["--replicas", "2", "--replica-addresses", "a:1,b:1"], /give one of the two/],
  [
    ["--replicas", "2", "--xla", "--pool-size", "5"],
    /^--xla is not available .*; --pool-size must be 0/,
  ],
  [["--replica-addresses", "a:1,b:1", "--rank", "1", "--lr-g", "1"], /--out, --lr-g: rank 0 alone/],
];

for (const [args, says] of refusals) {
  Deno.test(`train refuses ${args.join(" ")}`, async () => {
    await using scene = await ReplicaScene.create({ count: 1 });
    const { code, output } = await scene.train("run", args).ended;
    assert.equal(code, 2, output);
    assert.match(output, says);
    assert.equal((await readdir(scene.folder.path)).includes("run"), false);
  });
}
