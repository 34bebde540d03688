import { useEffect, useRef, useState } from "preact/hooks";
import { call, CallError } from "../contract/calls.ts";
import type { Job } from "../contract/messages.ts";
import { noteHeard, noteLost, untilRetry } from "./connection.ts";
import { JobLive } from "./job_live.ts";
import { Turns } from "./turns.ts";

/** Streams that a page keeps open at a time. */
const STREAMS = 3;

/** So many jobs that are over are kept when they are not shown, because a brush may bring them back. */
const MOST_KEPT = 40;

/** Least time between two drawings of many jobs, in ms. */
const DRAW_EVERY_MS = 200;

/** A job beside others, as its events come. */
export interface ComparedJob {
  readonly live: JobLive;
  /** As it was when the page asked; its newest state is among the events. */
  job: Job | undefined;
  problem: string | undefined;
}

/** Several jobs, and again when something has happened to one of them. Their streams take turns. */
export function useCompared(ids: readonly string[]): {
  readonly jobs: ReadonlyMap<string, ComparedJob>;
  /** Grows with every change. */
  readonly version: number;
} {
  const turns = useRef(new Turns(STREAMS));
  const jobs = useRef(new Map<string, ComparedJob & { end: () => void }>());
  const [version, setVersion] = useState(0);
  const timer = useRef<number | undefined>(undefined);
  const tell = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setVersion((before) => before + 1);
    }, DRAW_EVERY_MS);
  };
  useEffect(() => {
    for (const [id, { end, live }] of jobs.current) {
      if (ids.includes(id) || live.isOver && jobs.current.size <= MOST_KEPT) continue;
      end();
      jobs.current.delete(id);
    }
    for (const id of ids) {
      if (jobs.current.has(id)) continue;
      const live = new JobLive(id, turns.current);
      const ending = new AbortController();
      const stop = live.onChange(tell);
      const opened = {
        live,
        job: undefined,
        problem: undefined,
        end: () => {
          stop();
          live.end();
          ending.abort();
        },
      };
      jobs.current.set(id, opened);
      void ask(opened, ending.signal).then(tell);
    }
    tell();
  }, [ids.join()]);
  useEffect(() => () => {
    clearTimeout(timer.current);
    for (const { end } of jobs.current.values()) end();
  }, []);
  return { jobs: jobs.current, version };
}

/** Asks for a job once, as often as that needs. */
async function ask(compared: ComparedJob, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const request = { jobId: compared.live.jobId };
      compared.job = (await call<{ job: Job }>(
        "TrainingJobService/GetTrainingJob",
        request,
        signal,
      )).job;
      noteHeard();
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CallError)) throw error;
      if (error.code !== "unavailable") {
        compared.problem = error.message;
        return;
      }
      noteLost();
      await untilRetry(2000, signal);
    }
  }
}
