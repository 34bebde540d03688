import process from "node:process";

/** So much processor time is spent on finding out, in microseconds. */
const SPENT_US = 100_000;

/**
 * How many times longer work takes here than it would if nothing else ran: time by the clock over
 * processor time of a loop that does nothing but compute; 1 on a calm machine.
 */
export function slowness(): number {
  const startMs = performance.now();
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < SPENT_US) {
    for (let i = 0; i < 10_000; i++) Math.sqrt(i);
  }
  const { user, system } = process.cpuUsage(start);
  return Math.max(1, (performance.now() - startMs) * 1000 / (user + system));
}
