import assert from "assert";
import { inOrder } from "../../src/images/in_order.ts";

/** Work that is finished by hand, so that a test decides the order of events. */
class HandWork {
  readonly running = new Map<number, PromiseWithResolvers<number>>();
  mostRunning = 0;
  started = 0;

  readonly start = (index: number): Promise<number> => {
    const piece = Promise.withResolvers<number>();
    this.running.set(index, piece);
    this.started++;
    this.mostRunning = Math.max(this.mostRunning, this.running.size);
    return piece.promise;
  };

  finish(index: number): void {
    this.running.get(index)!.resolve(index * 10);
    this.running.delete(index);
  }
}

/** Lets everything happen that can happen without anyone's doing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("inOrder() yields in order what ends out of order", async () => {
  const work = new HandWork();
  const results = Array.fromAsync(inOrder(3, work.start, { concurrency: 3, ahead: 3 }));
  await settle();
  for (const index of [2, 0, 1]) {
    work.finish(index);
    await settle();
  }
  assert.deepEqual(await results, [0, 10, 20]);
});

Deno.test("inOrder() runs no more at a time than it may, nor further ahead", async () => {
  const work = new HandWork();
  const iterator = inOrder(100, work.start, { concurrency: 2, ahead: 5 });
  const first = iterator.next();
  await settle();
  assert.deepEqual([...work.running.keys()], [0, 1]);
  // The first is slow: the others go on without it until five are running or waiting.
  for (const index of [1, 2, 3, 4]) {
    work.finish(index);
    await settle();
  }
  assert.deepEqual([...work.running.keys()], [0]);
  work.finish(0);
  assert.equal((await first).value, 0);
  assert.equal((await iterator.next()).value, 10);
  assert.equal((await iterator.next()).value, 20);
  await settle();
  assert.deepEqual([...work.running.keys()], [5, 6]);
  assert.equal(work.mostRunning, 2);
  const ended = iterator.return();
  work.finish(5);
  work.finish(6);
  await ended;
});

Deno.test("inOrder() throws an error in its turn, after what runs has ended", async () => {
  const work = new HandWork();
  const taken: number[] = [];
  let hasEnded = false;
  const iteration = (async () => {
    for await (const value of inOrder(9, work.start, { concurrency: 3, ahead: 3 })) {
      taken.push(value);
    }
  })().finally(() => hasEnded = true);
  iteration.catch(() => {});
  await settle();
  work.running.get(1)!.reject(new Error("piece 1"));
  work.running.delete(1);
  await settle();
  work.finish(0);
  await settle();
  assert.deepEqual(taken, [0]);
  assert.equal(hasEnded, false);
  for (const index of [...work.running.keys()]) work.finish(index);
  await assert.rejects(iteration, /piece 1/);
});

Deno.test("inOrder() starts nothing more once it is left", async () => {
  const work = new HandWork();
  const iterator = inOrder(9, work.start, { concurrency: 1, ahead: 4 });
  const first = iterator.next();
  await settle();
  work.finish(0);
  await first;
  await settle();
  const ended = iterator.return();
  work.finish(1);
  await ended;
  assert.equal(work.started, 2);
});

Deno.test("inOrder() ends at its signal with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const taken: number[] = [];
  await assert.rejects(async () => {
    const options = { concurrency: 2, ahead: 4, signal: controller.signal };
    for await (const value of inOrder(9, (index) => Promise.resolve(index), options)) {
      taken.push(value);
      if (value === 3) controller.abort(reason);
    }
  }, reason);
  assert.deepEqual(taken, [0, 1, 2, 3]);
});
