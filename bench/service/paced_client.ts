import { setTimeout as passed } from "node:timers/promises";
import { type ServiceError, status as codes } from "@grpc/grpc-js";
import type { BenchServer } from "./bench_server.ts";

/** Calls a second. */
const RATE = 20;
/** Later answers count as none. */
const IN_TIME_MS = 1000;

/** A client that calls at an even rate, whether or not it was answered before. */
export class PacedClient {
  readonly #server: BenchServer;
  readonly #calls: { readonly startedMs: number; readonly isInTime: boolean }[] = [];
  /** Its calls that were refused as wrong, which they are not. */
  invalid = 0;

  constructor(server: BenchServer) {
    this.#server = server;
  }

  /** Calls until the signal, and waits for the answers. */
  async run(signal: AbortSignal): Promise<void> {
    const jobs = this.#server.connect("tinct.v1.TrainingJobService", { own: true });
    const open: Promise<void>[] = [];
    const begunMs = performance.now();
    for (let index = 0; !signal.aborted; index++) {
      const waitMs = begunMs + index * 1000 / RATE - performance.now();
      if (waitMs > 0) await passed(waitMs);
      const startedMs = performance.now();
      open.push(
        new Promise((resolve) =>
          jobs.listTrainingJobs(
            {},
            { deadline: Date.now() + IN_TIME_MS },
            (error: ServiceError | null) => {
              this.#calls.push({ startedMs, isInTime: error === null });
              if (error?.code === codes.INVALID_ARGUMENT) this.invalid++;
              resolve();
            },
          )
        ),
      );
    }
    await Promise.all(open);
  }

  /** The share of the calls begun in a time that were answered within a second. */
  share(fromMs: number, toMs: number): number {
    const calls = this.#calls.filter(({ startedMs }) => startedMs >= fromMs && startedMs < toMs);
    return calls.filter(({ isInTime }) => isInTime).length / calls.length;
  }
}
