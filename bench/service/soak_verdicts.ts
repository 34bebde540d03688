import type { ProcessSample } from "./process_probe.ts";
import { judge, median, type Verdict } from "./verdict.ts";

/** How much a process may have grown after its warm-up. */
const LIMIT_MB = 50;

/** The server's memory over time, some ten values, in a line. */
export function describeMemory(samples: readonly ProcessSample[]): string {
  const all = samples.filter(({ program }) => program === "server");
  const every = Math.max(1, Math.floor(all.length / 10));
  const shown = all.filter((_, index) => index % every === 0);
  const values = shown.map(({ rssBytes }) => (rssBytes / 1e6).toFixed(0));
  return `memory of the server over time, in MB: ${values.join(" ")}`;
}

/** What a server's memory was made of, by `memory_teller.ts`; some ten lines, in MB. */
export function describeComposition(lines: string): string {
  const all = lines.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, number>);
  const every = Math.max(1, Math.floor(all.length / 12));
  const shown = all.filter((_, index) => index % every === 0);
  return shown.map((line) =>
    Object.entries(line).map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(0)}`).join(", ")
  ).join("\n");
}

/**
 * Judges what each process's memory did after its warm-up: the median of the last third against that
 * of the first. Processes that were too short-lived for a judgement are counted.
 *
 * @param samples of the whole soak.
 * @param warmupMs of every process, from when it was first seen.
 */
export function judgeMemory(
  samples: readonly ProcessSample[],
  warmupMs: (program: string) => number,
): Verdict[] {
  const verdicts: Verdict[] = [];
  let short = 0;
  for (const [pid, all] of Map.groupBy(samples, (sample) => sample.pid)) {
    const { program, timeMs } = all[0]!;
    const warm = all.filter((sample) => sample.timeMs - timeMs >= warmupMs(program));
    if (warm.length < 9) {
      short++;
      continue;
    }
    const third = Math.floor(warm.length / 3);
    const megabytes = (part: readonly ProcessSample[]) =>
      median(part.map(({ rssBytes }) => rssBytes / 1e6));
    const growth = megabytes(warm.slice(-third)) - megabytes(warm.slice(0, third));
    const seconds = Math.round((all.at(-1)!.timeMs - timeMs) / 1000);
    const name = `growth of ${program} ${pid} (${seconds} s, ${megabytes(warm).toFixed(0)} MB)`;
    verdicts.push(judge(name, growth, { atMost: LIMIT_MB, unit: "MB" }));
  }
  return [
    ...verdicts,
    judge("workers too short-lived to be judged", short, { unit: "", digits: 0 }),
  ];
}
