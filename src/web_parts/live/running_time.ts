import type { StateChange } from "../contract/messages.ts";
import type { Timed } from "./job_live.ts";

/** Seconds that a job has run at a time: what it was paused or waited for is cut out. */
export function runningTime(states: readonly Timed<StateChange>[]): (timeMs: number) => number {
  const pauses: { from: number; to: number }[] = [];
  let [startMs, stoppedMs]: (number | undefined)[] = [undefined, undefined];
  for (const { to = "", time } of states) {
    const ms = new Date(time).getTime();
    const runs = /RUNNING|ING$/.test(to);
    if (runs && startMs === undefined) startMs = ms;
    if (runs && stoppedMs !== undefined) pauses.push({ from: stoppedMs, to: ms });
    if (runs) stoppedMs = undefined;
    else if (startMs !== undefined) stoppedMs ??= ms;
  }
  return (timeMs) => {
    const paused = pauses.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(timeMs, to) - from),
      0,
    );
    return Math.max(0, (timeMs - (startMs ?? timeMs) - paused) / 1000);
  };
}
