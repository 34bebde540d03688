import assert from "assert";
import { loadWorkerContract } from "../../src/protocol/contract.ts";
import type { Losses } from "../../src/protocol/generated/tinct/v1/losses.ts";
import { LossSender } from "../../src/workers/loss_sender.ts";

/** A step whose losses are all its number. */
function stepOf(step: number, totalSteps = 100) {
  const names = ["D_fake", "D_real", "D", "G_GAN", "G_L1", "G"].map((name) => `loss_${name}`);
  const losses = Object.fromEntries(names.map((name) => [name, step]));
  const rates = { lrG: 1e-4, lrD: 2e-4, imagesPerSecond: 10, secondsLeft: 1.5 };
  const event = { kind: "step", step, epoch: 0, totalSteps, losses, ...rates } as const;
  return event as unknown as Parameters<LossSender["add"]>[0];
}

Deno.test("losses of slow steps are sent one by one, those of fast steps as means", () => {
  const sent: Losses[] = [];
  let nowMs = 0;
  const sender = new LossSender((losses) => void sent.push(losses), 1000, () => nowMs);
  for (const [step, atMs] of [[1, 0], [2, 500], [3, 510], [4, 520], [5, 540], [6, 545]] as const) {
    nowMs = atMs;
    sender.add(stepOf(step), step / 10);
  }
  sender.flush();
  sender.flush();
  assert.deepEqual(
    sent.map(({ step, steps, lossG }) => ({ step, steps, lossG })),
    [
      { step: 1, steps: 1, lossG: 1 },
      { step: 2, steps: 1, lossG: 2 },
      { step: 5, steps: 3, lossG: 4 },
      { step: 6, steps: 1, lossG: 6 },
    ],
  );
  assert.deepEqual(sent.at(-1)?.timeLeft, { seconds: 1, nanos: 5e8 });
});

Deno.test("at the steps that are logged losses are sent however fast steps are", () => {
  for (const [logEvery, expected] of [[1, [1, 2, 3, 4, 5, 6]], [3, [1, 3, 6]]] as const) {
    const sent: Losses[] = [];
    const sender = new LossSender((losses) => void sent.push(losses), logEvery, () => 0);
    for (let step = 1; step <= 6; step++) sender.add(stepOf(step), step / 10);
    assert.deepEqual(sent.map(({ step }) => step), expected);
    sender.flush();
  }
});

Deno.test("the last step's losses are sent at once", () => {
  const sent: Losses[] = [];
  const sender = new LossSender((losses) => void sent.push(losses), 1000, () => 0);
  sender.add(stepOf(1, 2), 0.5);
  sender.add(stepOf(2, 2), 1);
  assert.deepEqual(sent.map(({ step }) => step), [1, 2]);
});

Deno.test("a loss that no step had since the last message is absent from it", () => {
  const sent: Losses[] = [];
  const sender = new LossSender((losses) => void sent.push(losses), 1000, () => 0);
  const step = (at: number, losses: Record<string, number>) => ({ ...stepOf(at), losses });
  sender.add(step(1, { loss_G_L1: 5, loss_G: 5 }), 0.1); // the first is sent at once
  sender.add(step(2, { loss_D: 1, loss_D_GP: 7 }), 0.2);
  sender.add(step(3, { loss_D: 3, loss_G_GAN: 0.5, loss_G_color: 2 }), 0.3);
  sender.flush();
  const losses = sent.map((each) =>
    Object.fromEntries(Object.entries(each).filter(([name]) => name.startsWith("loss")))
  );
  assert.deepEqual(losses, [
    { lossGL1: 5, lossG: 5 },
    { lossD: 2, lossDGp: 7, lossGGan: 0.5, lossGColor: 2 },
  ]);
  const { requestSerialize, requestDeserialize } = loadWorkerContract()
    .service("tinct.worker.v1.WorkerService").Work;
  const through = requestDeserialize(requestSerialize({ losses: sent[0]! })).losses;
  assert.equal(through?.lossG, 5);
  assert.equal(through?.lossD, undefined);
});

Deno.test("losses of a step that nothing follows are sent all the same", async () => {
  const sent = Promise.withResolvers<Losses>();
  const sender = new LossSender(
    (losses) => {
      if (losses.step === 2) sent.resolve(losses);
    },
    1000,
    () => performance.now(),
  );
  sender.add(stepOf(1), 0.1);
  sender.add(stepOf(2), 0.2); // too soon after the first
  assert.equal((await sent.promise).steps, 1);
});

Deno.test("losses that are held back when training ends are sent before it ends", () => {
  const sent: Losses[] = [];
  {
    using sender = new LossSender((losses) => void sent.push(losses), 1000, () => 0);
    sender.add(stepOf(1), 0.1);
    sender.add(stepOf(2), 0.2);
  }
  assert.deepEqual(sent.map(({ step }) => step), [1, 2]);
});

Deno.test("a loss that is not finite is left out, and the message is one that may be sent", () => {
  const sent: Losses[] = [];
  const sender = new LossSender((losses) => void sent.push(losses), 1000, () => 0);
  const step = stepOf(1);
  const losses = { ...step.losses, loss_G: NaN, loss_D: Infinity };
  sender.add({ ...step, losses, imagesPerSecond: Infinity }, 0.5);
  const [message] = sent;
  assert.ok(message);
  for (const field of ["lossG", "lossD", "imagesPerSecond"]) assert.ok(!(field in message), field);
  assert.deepEqual([message.lossGL1, message.lrG], [1, 1e-4]);
  loadWorkerContract().check("tinct.v1.Losses", message);
});
