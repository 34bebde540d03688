import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";

/** Calls a second. */
const RATE = 100;
/** Later answers count as none. */
const IN_TIME_MS = 1000;

const contract = loadPublicContract();

/** What became of calls at an even rate. */
interface Steadiness {
  /** The share of the calls that were answered in time, 0 to 1. */
  readonly inTime: number;
  /** Milliseconds of each call, ascending; Infinity where it failed. */
  readonly times: readonly number[];
}

/** Asks a server 100 times a second, whether or not it has answered the call before. */
export class SteadyClient implements Disposable {
  readonly #client;

  /** Connects with the first call. */
  constructor(address: string) {
    const plain = credentials.createInsecure();
    this.#client = contract.connect("tinct.v1.TrainingJobService", address, plain);
  }

  async ask(seconds: number): Promise<Steadiness> {
    const calls: Promise<number>[] = [];
    const startedMs = performance.now();
    for (let index = 0; index < seconds * RATE; index++) {
      const waitMs = startedMs + index * 1000 / RATE - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      calls.push(this.#call());
    }
    const times = (await Promise.all(calls)).sort((a, b) => a - b);
    return { inTime: times.filter(Number.isFinite).length / times.length, times };
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #call(): Promise<number> {
    const begunMs = performance.now();
    const deadline = Date.now() + IN_TIME_MS;
    return new Promise((resolve) =>
      this.#client.listTrainingJobs(
        {},
        { deadline },
        (error) => resolve(error ? Infinity : performance.now() - begunMs),
      )
    );
  }
}
