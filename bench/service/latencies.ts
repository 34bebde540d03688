import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { timeMsOf } from "../../src/protocol/times.ts";
import { judge, quantile, type Verdict } from "./verdict.ts";

/** How long losses take from the end of their step, which is their time, to watchers. */
export class Latencies {
  readonly #ms: number[] = [];

  add({ losses, time }: StreamMetricsResponse__Output, arrivedMs: number): void {
    if (losses) this.#ms.push(arrivedMs - (timeMsOf(time) ?? NaN));
  }

  /** Forgets what was before the measuring. */
  clear(): void {
    this.#ms.length = 0;
  }

  /** @param when who watched. */
  verdicts(when: string): Verdict[] {
    const of = (part: number) => quantile(this.#ms, part);
    return [
      judge(`An event at a watcher after its step, ${when}, 99 of 100`, of(0.99), {
        atMost: 50,
        unit: "ms",
      }),
      judge("  half of them", of(0.5), { unit: "ms" }),
      judge(`  all of them (${this.#ms.length})`, of(1), { unit: "ms" }),
    ];
  }
}
