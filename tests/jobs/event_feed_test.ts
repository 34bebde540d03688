import assert from "assert";
import { EventFeed } from "../../src/jobs/event_feed.ts";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import type { Store } from "../../src/jobs/store.ts";
import type { ThinnedBacklog } from "../../src/jobs/thin_backlog.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { jobIn, losses } from "./small_job.ts";

interface Scene {
  readonly store: Store;
  readonly feed: EventFeed;
}

/** Registers a test that gets a store with a RUNNING job named "job", and a feed of it. */
function test(behaviour: string, body: (scene: Scene) => Promise<void>, recentEvents = 64): void {
  Deno.test(behaviour, async () => {
    await using folder = await TemporaryFolder.create();
    await using store = await openSqliteStore(folder.join("tinct.db"));
    using feed = new EventFeed(store, { recentEvents });
    await jobIn(store, "job", "RUNNING"); // events 1 and 2
    await body({ store, feed });
  });
}

/** Appends losses of steps from 1 on, some at a time. */
async function append(store: Store, count: number, atOnce = 1): Promise<void> {
  for (let step = 1; step <= count; step += atOnce) {
    const size = Math.min(atOnce, count - step + 1);
    await store.events.append("job", Array.from({ length: size }, (_, i) => losses(step + i)));
  }
}

/** Watches to the end. */
async function collect(watch: AsyncIterable<ThinnedBacklog>): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const { events } of watch) all.push(...events);
  return all;
}

function numbersFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const sequencesOf = (events: readonly JobEvent[]) => events.map(({ sequence }) => sequence);

test("watch() goes over from the past into what happens, without gap or duplicate", async ({ store, feed }) => {
  await append(store, 700, 350); // more than is read at a time, or kept
  const watchers = [1, 0, 2, 350, 703].map((from) => collect(feed.watch("job", from)));
  await append(store, 600, 7);
  const late = [1, 900].map((from) => collect(feed.watch("job", from)));
  await append(store, 50);
  await store.jobs.trigger("job", "succeeded");
  const last = 2 + 700 + 600 + 50 + 1;
  const starts = [1, 1, 2, 350, 703, 1, 900];
  for (const [index, events] of (await Promise.all([...watchers, ...late])).entries()) {
    assert.deepEqual(sequencesOf(events), numbersFrom(starts[index] ?? 0, last));
  }
  assert.deepEqual(await collect(feed.watch("job", 1)), await store.events.read("job", 1, 10_000));
});

test("watch() of a job that is over gives what is left of it and ends", async ({ store, feed }) => {
  await store.jobs.trigger("job", "succeeded");
  assert.deepEqual(sequencesOf(await collect(feed.watch("job", 1))), [1, 2, 3]);
  assert.deepEqual(sequencesOf(await collect(feed.watch("job", 3))), [3]);
  assert.deepEqual(await collect(feed.watch("job", 4)), []);
});

test("watch() gives each event as soon as it is appended", async ({ store, feed }) => {
  const watch = feed.watch("job", 3);
  for (let step = 1; step <= 20; step++) {
    const next = watch.next();
    const sequence = await store.events.append("job", [losses(step)]);
    const { value } = await next;
    assert.deepEqual(value?.events.map((event) => event.sequence), [sequence]);
  }
  await watch.return();
});

test("200 watchers of a job all get every event", async ({ store, feed }) => {
  const watchers = numbersFrom(1, 200).map(() => collect(feed.watch("job", 1)));
  await append(store, 300, 3);
  await store.jobs.trigger("job", "cancel_requested");
  await store.jobs.trigger("job", "cancelled");
  const expected = numbersFrom(1, 304);
  for (const events of await Promise.all(watchers)) assert.deepEqual(sequencesOf(events), expected);
});

test("what watchers share is read from the store once", async ({ store }) => {
  let reads = 0;
  const read = store.events.read;
  const counted: Store = {
    ...store,
    events: { ...store.events, read: (...args) => (reads++, read(...args)) },
  };
  using feed = new EventFeed(counted);
  const watchers = numbersFrom(1, 50).map(() => collect(feed.watch("job", 3)));
  await append(store, 40);
  await store.jobs.trigger("job", "succeeded");
  await Promise.all(watchers);
  assert.ok(reads <= 41, `${reads} reads for 41 events and 50 watchers`);
});

test("a slow watcher gets the past whole, then a thinned present that says so", async ({ store, feed }) => {
  await append(store, 500, 250);
  const limits = { maxBacklog: 100 };
  const watch = feed.watch("job", 1, { limits });
  const first = await watch.next(); // it has begun, and now takes its time
  await append(store, 2000, 250);
  await store.events.append("job", [
    { kind: "sample", payload: { path: "a.png" } },
    { kind: "sample", payload: { path: "b.png" } },
    losses(2001),
  ]);
  await store.jobs.trigger("job", "succeeded");
  const rest: ThinnedBacklog[] = [];
  for await (const each of watch) rest.push(each);
  const pages = first.done ? rest : [first.value, ...rest];

  const past = pages.filter(({ notice }) => !notice).flatMap(({ events }) => events);
  const events = pages.flatMap((page) => page.events);
  const sequences = sequencesOf(events);
  assert.deepEqual(sequences.slice(0, 502), numbersFrom(1, 502), "the past is whole");
  assert.ok(past.length >= 502);
  assert.deepEqual(sequences, sequences.toSorted((a, b) => a - b));
  assert.ok(events.length < 502 + 3 * limits.maxBacklog, `${events.length} of 2505 events`);
  assert.deepEqual(events.at(-1)?.payload["to"], "SUCCEEDED");
  assert.ok(events.some(({ payload }) => payload["path"] === "b.png"), "the newest picture");
  assert.ok(events.some(({ payload }) => payload["step"] === 2001), "the newest losses");

  let missing = 0;
  for (const { events, notice } of pages) {
    if (!notice) continue;
    const { fromSequence, toSequence, losses, samples, heartbeats } = notice;
    missing += losses + samples + heartbeats;
    assert.equal(events.length + losses + samples + heartbeats, toSequence - fromSequence + 1);
  }
  assert.equal(events.length + missing, 2506, "what is missing is told");
});

test("a slow watcher without limits gets everything", async ({ store, feed }) => {
  const watch = feed.watch("job", 1);
  await watch.next();
  await append(store, 1000, 250);
  await store.jobs.trigger("job", "succeeded");
  assert.deepEqual(sequencesOf(await collect(watch)), numbersFrom(3, 1003));
});

test("watch() gives the kinds that are wanted, and ends all the same", async ({ store, feed }) => {
  const watching = collect(feed.watch("job", 1, { kinds: ["sample", "log"] }));
  await store.events.append("job", [losses(1), { kind: "log", payload: { text: "hello" } }]);
  await store.events.append("job", [losses(2)]);
  await store.jobs.trigger("job", "succeeded");
  assert.deepEqual((await watching).map(({ kind, sequence }) => [kind, sequence]), [["log", 4]]);
});

test("an abort ends waiting at once, with its reason", async ({ store, feed }) => {
  const stop = new AbortController();
  const reason = new Error("the client has gone");
  const watching = collect(feed.watch("job", 1, { signal: stop.signal }));
  await store.events.append("job", [losses(1)]);
  stop.abort(reason);
  await assert.rejects(watching, reason);
  await assert.rejects(collect(feed.watch("job", 1, { signal: stop.signal })), reason);
  const other = collect(feed.watch("job", 1));
  await store.jobs.trigger("job", "succeeded");
  assert.equal((await other).length, 4, "others watch on");
});

test("an abort ends a watch that always finds more", async ({ store, feed }) => {
  await append(store, 1000, 500);
  const stop = new AbortController();
  let pages = 0;
  const watching = (async () => {
    for await (const _page of feed.watch("job", 1, { signal: stop.signal })) {
      if (++pages === 2) stop.abort(new Error("enough"));
    }
  })();
  await assert.rejects(watching, /enough/);
  assert.equal(pages, 2);
});

test("watch() refuses a job that is not there and a number in the future", async ({ feed }) => {
  await assert.rejects(collect(feed.watch("nobody", 1)), failsWith("not_found", /nobody/));
  for (const from of [4, -1, 1.5, NaN]) {
    await assert.rejects(
      collect(feed.watch("job", from)),
      failsWith("invalid_argument", /from 1 to 3/, RegExp(`not ${from}`)),
    );
  }
});

test("a disposed feed ends its watchers with unavailable", async ({ store, feed }) => {
  const watch = feed.watch("job", 1);
  await watch.next();
  const waiting = watch.next();
  await store.events.read("job", 1, 1); // by then it waits
  feed[Symbol.dispose]();
  await assert.rejects(waiting, failsWith("unavailable", /server stops/));
});

test("a store that fails is told to those who wait, and watching can begin anew", async ({ store }) => {
  let broken = false;
  const failing: Store = {
    ...store,
    events: {
      ...store.events,
      read: (...args) => broken ? Promise.reject(new Error("broken")) : store.events.read(...args),
    },
  };
  using feed = new EventFeed(failing);
  const slow = feed.watch("job", 1);
  await slow.next();
  const watching = collect(feed.watch("job", 3));
  await store.events.append("job", [losses(1)]);
  broken = true;
  await store.events.append("job", [losses(2)]);
  await assert.rejects(watching, /broken/);
  await assert.rejects(collect(feed.watch("job", 3)), /broken/);
  broken = false;
  const again = collect(feed.watch("job", 3));
  await store.jobs.trigger("job", "succeeded");
  assert.deepEqual(sequencesOf(await again), [3, 4, 5]);
  await assert.rejects(slow.next(), /broken/);
});

Deno.test("a feed that keeps nothing is refused", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  for (const recentEvents of [0, -1, 0.5]) {
    assert.throws(() => new EventFeed(store, { recentEvents }), RangeError);
  }
});
