import { useEffect, useRef, useState } from "preact/hooks";
import { stream } from "../../web_parts/contract/calls.ts";
import type { Job, JobEvent } from "../../web_parts/contract/messages.ts";
import { num } from "../../web_parts/words.ts";

/** Points of a spark line. */
const POINTS = 60;

/** loss_G_L1 of each job, from its history once and then from what the list of jobs says. */
export function useSparks(jobs: readonly Job[]): ReadonlyMap<string, readonly number[]> {
  const sparks = useRef(new Map<string, { values: number[]; step: number }>());
  const [, setVersion] = useState(0);
  useEffect(() => {
    for (const job of jobs.slice(0, 50)) {
      const known = sparks.current.get(job.jobId);
      const step = num(job.latestLosses?.step);
      if (step === 0) continue;
      if (!known) {
        sparks.current.set(job.jobId, { values: [], step });
        void firstValues(job.jobId).then((values) => {
          sparks.current.set(job.jobId, { values, step });
          setVersion((version) => version + 1);
        }, () => {});
      } else if (step > known.step && job.latestLosses?.lossGL1 !== undefined) {
        known.step = step;
        known.values.push(job.latestLosses.lossGL1);
        if (known.values.length > 2 * POINTS) {
          known.values = known.values.filter((_, index) => index % 2 === 1);
        }
      }
    }
  }, [jobs]);
  return new Map([...sparks.current].map(([id, { values }]) => [id, values]));
}

async function firstValues(jobId: string): Promise<number[]> {
  const ending = new AbortController();
  const request = { jobId, kinds: ["EVENT_KIND_LOSSES"], maxLossPoints: POINTS };
  try {
    for await (
      const { history } of stream<JobEvent>(
        "ColorizationService/StreamMetrics",
        request,
        ending.signal,
      )
    ) {
      const l1 = history?.series?.find(({ name }) => name === "loss_g_l1");
      if (history) return [...l1?.means ?? []];
    }
  } finally {
    ending.abort();
  }
  return [];
}
