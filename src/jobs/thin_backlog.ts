import type { JobEvent } from "./job_event.ts";

/** When a watcher counts as slow. */
export interface BacklogLimits {
  /** How many events may wait for a watcher before some are left out; at least 1. */
  readonly maxBacklog: number;
}

/** What was left out, for the watcher to be told. */
export interface ThinningNotice {
  /** The first and the last event of the stretch that was thinned out. */
  readonly fromSequence: number;
  readonly toSequence: number;
  /** Losses left out; each stretch of them is represented by its newest. */
  readonly losses: number;
  /** Pictures left out. */
  readonly samples: number;
  /** Heartbeats left out. */
  readonly heartbeats: number;
}

/** What to send instead of a backlog. */
export interface ThinnedBacklog {
  readonly events: readonly JobEvent[];
  /** Undefined when nothing was left out. */
  readonly notice: ThinningNotice | undefined;
}

/**
 * Decides what a watcher that is behind gets of the events that wait for it. Within the limit: all.
 * Past it: every state, validation, checkpoint and log; of the losses one in n, n being how many
 * times the limit the backlog is; of the pictures and of the heartbeats the newest. The newest loss
 * is always among them.
 *
 * @param events the next events for the watcher, in order.
 * @param behind how many more wait after these.
 */
export function thinBacklog(
  events: readonly JobEvent[],
  behind: number,
  { maxBacklog }: BacklogLimits,
): ThinnedBacklog {
  if (!Number.isInteger(maxBacklog) || maxBacklog < 1) {
    throw new RangeError(`maxBacklog must be a whole number from 1 on, not ${maxBacklog}.`);
  }
  const oneIn = Math.ceil((events.length + behind) / maxBacklog);
  if (oneIn <= 1) return { events, notice: undefined };
  const kept: JobEvent[] = [];
  const left = { losses: 0, samples: 0, heartbeats: 0 };
  const seen = { losses: 0, samples: 0, heartbeats: 0 };
  for (const event of events.toReversed()) { // the newest first, which is the one to keep
    const kind = thinnedKinds[event.kind];
    if (!kind) {
      kept.push(event);
      continue;
    }
    const keep = kind === "losses" ? seen.losses % oneIn === 0 : seen[kind] === 0;
    seen[kind]++;
    if (keep) kept.push(event);
    else left[kind]++;
  }
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last || kept.length === events.length) return { events, notice: undefined };
  return {
    events: kept.reverse(),
    notice: { fromSequence: first.sequence, toSequence: last.sequence, ...left },
  };
}

/** The kinds that a slow watcher does not get all of. */
const thinnedKinds: Readonly<
  Partial<Record<JobEvent["kind"], "losses" | "samples" | "heartbeats">>
> = { losses: "losses", sample: "samples", heartbeat: "heartbeats" };
