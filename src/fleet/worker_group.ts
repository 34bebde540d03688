import { REPLICA_LOST } from "../replicas/replica_lost.ts";
import { durationOf } from "../protocol/times.ts";
import { Patience } from "./patience.ts";
import {
  EXIT_TIMEOUT_MS,
  type WorkerEnd,
  WorkerSession,
  type WorkerSetting,
  type WorkerTask,
} from "./worker_session.ts";

/** Why one is killed that has nobody left to train with; half a sentence. */
const ALONE = "another process of its training was lost";

/**
 * The workers of one attempt at a job, from their start to the end of all: one, or several that
 * train together. What rank 0 says last is what became of the job. When one is lost, so are all.
 */
export class WorkerGroup {
  /** Settles when the last one is gone; never rejects. */
  readonly ended: Promise<WorkerEnd>;
  readonly #setting: WorkerSetting;
  readonly #sessions: readonly WorkerSession[];
  readonly #leader: WorkerSession;
  readonly #timers: Patience[] = [];

  /**
   * Starts them.
   *
   * @param tasks by rank.
   */
  constructor(setting: WorkerSetting, tasks: readonly [WorkerTask, ...WorkerTask[]]) {
    this.#setting = setting;
    const [first, ...others] = tasks;
    this.#leader = new WorkerSession(setting, first);
    this.#sessions = [this.#leader, ...others.map((task) => new WorkerSession(setting, task))];
    this.ended = this.#end();
  }

  /** Whether rank 0 has dialled. */
  get isLinked(): boolean {
    return this.#leader.isLinked;
  }

  /** Asks rank 0, and so all, to end, and kills them if it has not by then. */
  stop(graceMs: number): void {
    this.#leader.stop(graceMs);
  }

  /** Tells rank 0, without whom the others end, how long this server still has the job. */
  renewLease(remainingMs: number): void {
    this.#leader.send({ lease: { remaining: durationOf(Math.max(0, remainingMs)) } });
  }

  /** @param reason half a sentence. */
  kill(reason: string): void {
    for (const session of this.#sessions) session.kill(reason);
  }

  async #end(): Promise<WorkerEnd> {
    const lost: WorkerEnd[] = []; // in the order in which it was noticed
    const ends = await Promise.all(this.#sessions.map(async (session) => {
      const end = await session.ended;
      if (end.finished === undefined) lost.push(end);
      this.#endOthers(session, end);
      return end;
    }));
    this.#timers.forEach((timer) => timer[Symbol.dispose]());
    const failure = ends.find((end) => end.failure)?.failure;
    return { ...whatBecame(ends, lost), failure };
  }

  /** What the end of one means to the others. */
  #endOthers(ended: WorkerSession, { finished }: WorkerEnd): void {
    const others = this.#sessions.filter((each) => each !== ended);
    const kill = (reason: string) => others.forEach((each) => each.kill(reason));
    const killAfter = (timeoutMs: number, reason: string) =>
      void this.#timers.push(new Patience(timeoutMs, () => kill(reason)));
    if (finished === undefined) kill(ALONE);
    else if (ended === this.#leader) {
      others.filter((each) => !each.isLinked).forEach((each) => each.kill("rank 0 had ended"));
      killAfter(EXIT_TIMEOUT_MS, "rank 0 had ended");
    } // One that failed has told rank 0 why, which is to say so now.
    else killAfter(this.#setting.limits.cancelTimeoutMs, "another process had ended");
  }
}

/** How the attempt ended: what rank 0 said, else what began the loss, else what another one failed of. */
function whatBecame(ends: readonly WorkerEnd[], lost: readonly WorkerEnd[]): WorkerEnd {
  const [leader] = ends;
  if (leader === undefined) throw new TypeError("A group has at least one worker.");
  if (leader.finished) return leader;
  const failed = ends.find(({ finished }) => finished?.outcome === "OUTCOME_FAILED");
  if (failed && lost.every(({ killedFor }) => killedFor !== undefined)) return failed;
  // One that noticed a loss may have ended before the lost one's exit was heard of.
  const began = lost.find(({ killedFor, exit }) =>
    killedFor !== ALONE && exit.code !== REPLICA_LOST
  );
  return began ?? lost[0] ?? leader;
}
