import assert from "assert";
import process from "node:process";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { SILENCE_SECONDS } from "../in_time.ts";
import { changes, endlessConfig, isState, Workshop } from "../service/workshop.ts";

const isLosses = ({ kind }: JobEvent) => kind === "losses";
const isCheckpoint = ({ kind }: JobEvent) => kind === "checkpoint";

/** Kills a job's worker at the next event of a kind; gives the sequence number to read on from. */
async function killAt(workshop: Workshop, isIt: (event: JobEvent) => boolean, from = 1) {
  const seen = await workshop.eventsUntil("job", isIt, from);
  process.kill(workshop.workerPid("job"), "SIGKILL");
  return (seen.at(-1)?.sequence ?? 0) + 1;
}

Deno.test("a killed worker's job goes on from its last checkpoint, at most three times", async () => {
  await using workshop = await Workshop.open();
  await workshop.submit("job", { ...endlessConfig, checkpointEvery: 5 });
  let from = await killAt(workshop, isCheckpoint);
  for (let attempt = 2; attempt <= 4; attempt++) {
    const restarted = ({ kind, payload }: JobEvent) =>
      kind === "state" && payload["trigger"] === "worker_lost";
    const seen = await workshop.eventsUntil("job", restarted, from);
    const { step } = (await workshop.store.events.checkpoints("job")).at(-1) ?? { step: 0 };
    const { details } = seen.at(-1)?.payload as { details: Record<string, unknown> };
    assert.equal(details["signal"], "SIGKILL");
    assert.ok(Number(details["step"]) >= step);
    from = (seen.at(-1)?.sequence ?? 0) + 1;
    const [first] = (await workshop.eventsUntil("job", isLosses, from)).filter(isLosses);
    assert.equal(first?.attempt, attempt);
    assert.equal(Number(first?.payload["step"]) - Number(first?.payload["steps"]), step);
    from = await killAt(workshop, isLosses, from);
  }
  const history = await workshop.history("job");
  assert.deepEqual(changes(history).slice(2), [
    "RUNNING→RUNNING by worker_lost",
    "RUNNING→RUNNING by worker_lost",
    "RUNNING→RUNNING by worker_lost",
    "RUNNING→FAILED by failed",
  ]);
  const { failure } = await workshop.store.jobs.get("job");
  assert.match(failure?.message ?? "", /4th lost worker: .*SIGKILL, after step \d+/);
});

Deno.test("a worker that hangs is killed and replaced", async () => {
  await using workshop = await Workshop.open({
    heartbeatIntervalMs: 100,
    heartbeatTimeoutMs: SILENCE_SECONDS * 1000,
  });
  await workshop.submit("job", endlessConfig);
  const seen = await workshop.eventsUntil("job", isLosses);
  process.kill(workshop.workerPid("job"), "SIGSTOP");
  const lost = ({ payload }: JobEvent) => payload["trigger"] === "worker_lost";
  const { payload } = (await workshop.eventsUntil("job", lost, seen.length + 1)).at(-1) ?? {};
  const { details } = payload as { details: Record<string, unknown> };
  assert.match(String(details["message"]), /no sign of life for 20 s/);
});

Deno.test("a drained server's job is queued with a checkpoint, and the next server goes on", async () => {
  await using workshop = await Workshop.open();
  await workshop.submit("job", { ...endlessConfig, checkpointEvery: 0 });
  await workshop.eventsUntil("job", ({ payload }) => Number(payload["step"]) >= 3);
  await workshop.workforce.drain({ timeoutMs: 20_000 });
  const job = await workshop.store.jobs.get("job");
  assert.equal(job.state, "QUEUED");
  const { step } = (await workshop.store.events.checkpoints("job")).at(-1) ?? { step: 0 };
  assert.ok(step >= 3);
  await workshop.close();

  const next = await Workshop.open({}, workshop.folder);
  try {
    const from = job.lastSequence + 1;
    const [first] = (await next.eventsUntil("job", isLosses, from)).filter(isLosses);
    assert.equal(Number(first?.payload["step"]) - Number(first?.payload["steps"]), step);
    await next.supervisor.cancel("job");
    await next.eventsUntil("job", isState("CANCELLED"), from);
  } finally {
    await next.close();
  }
});
