import type { Job } from "../jobs/job.ts";
import type { EventPayloads } from "../jobs/job_event.ts";
import type { JsonObject, JsonValue } from "../jobs/json.ts";
import { holdsSlot, type JobState, jobStates } from "../jobs/job_state.ts";
import type { Store } from "../jobs/store.ts";

/** The most jobs of a state that are counted. */
const MAX_COUNTED = 1000;

/** The losses of a message, by the field's names for them. */
const lossNames = {
  lossDFake: "loss_D_fake",
  lossDReal: "loss_D_real",
  lossD: "loss_D",
  lossGGan: "loss_G_GAN",
  lossGL1: "loss_G_L1",
  lossG: "loss_G",
} as const;

/** What a job that holds a device is doing; undefined: not known yet. */
interface RunningJob {
  readonly id: string;
  readonly step: number | undefined;
  readonly epoch: number | undefined;
  readonly imagesPerSecond: number | undefined;
  readonly timeLeftSeconds: number | undefined;
  readonly restarts: number;
  readonly residentBytes: number | undefined;
  readonly losses: readonly (readonly [name: string, value: number])[];
  readonly rates: readonly (readonly [network: string, value: number])[];
  readonly measures: readonly (readonly [name: string, value: number])[];
}

/** Reads what there is to say of jobs. */
export async function readJobs(
  store: Store,
): Promise<{ readonly states: ReadonlyMap<JobState, number>; readonly running: RunningJob[] }> {
  const counted = await Promise.all(jobStates.map(async (state) => {
    const { jobs } = await store.jobs.list({ states: [state] }, { pageSize: MAX_COUNTED });
    return [state, jobs] as const;
  }));
  const held = counted.flatMap(([state, jobs]) => holdsSlot(state) ? jobs : []);
  return {
    states: new Map(counted.map(([state, jobs]) => [state, jobs.length])),
    running: await Promise.all(held.map((job) => readJob(store, job))),
  };
}

async function readJob(store: Store, job: Job): Promise<RunningJob> {
  const newest = async <Kind extends "losses" | "validation" | "heartbeat">(kind: Kind) =>
    (await store.events.newest(job.id, kind))?.payload;
  const [losses, validation, heartbeat] = await Promise.all([
    newest("losses"),
    newest("validation"),
    newest("heartbeat"),
  ]);
  const named = (payload: JsonObject = {}, names: Readonly<Record<string, string>>) =>
    Object.entries(names).flatMap(([field, name]) => {
      const value = numberOr(payload[field]);
      return value === undefined ? [] : [[name, value] as const];
    });
  const measures = Object.keys(validation ?? {}).filter((name) =>
    !["step", "photos"].includes(name)
  );
  return {
    id: job.id,
    step: numberOr(losses?.step),
    epoch: numberOr(losses?.epoch),
    imagesPerSecond: numberOr(losses?.imagesPerSecond),
    timeLeftSeconds: secondsOf(losses?.timeLeft),
    restarts: job.lostWorkers,
    residentBytes: numberOr(heartbeat?.residentBytes),
    losses: named(losses, lossNames),
    rates: named(losses, { lrG: "G", lrD: "D" }),
    measures: named(validation, Object.fromEntries(measures.map((name) => [name, name]))),
  };
}

/** The seconds of a google.protobuf.Duration as the store has it. */
function secondsOf(value: EventPayloads["losses"]["timeLeft"]): number | undefined {
  return value ? value.seconds + value.nanos / 1e9 : undefined;
}

function numberOr(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
