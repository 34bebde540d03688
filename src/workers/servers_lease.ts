import process from "node:process";
import { LEASE_OVER } from "../protocol/lease_over.ts";

/** The part of a lease after which a worker stops: the server would have said so at two thirds. */
const STOP_AFTER = 0.8;

/**
 * For how long a worker's server still has the job. A server may be stopped, not dead, and its worker
 * does not notice otherwise: the line between them is whole. So the worker stops by itself before the
 * time is over, and has ended when it is.
 */
export class ServersLease implements Disposable {
  readonly #stop: (graceMs: number) => void;
  #stopping: ReturnType<typeof setTimeout> | undefined;
  #ending: ReturnType<typeof setTimeout> | undefined;

  /** @param stop has the work stop, with a checkpoint, within a time. */
  constructor(stop: (graceMs: number) => void) {
    this.#stop = stop;
  }

  /** Counts anew. */
  renew(remainingMs: number): void {
    this[Symbol.dispose]();
    const stopMs = STOP_AFTER * remainingMs;
    this.#stopping = setTimeout(() => this.#stop(remainingMs - stopMs), stopMs);
    this.#ending = setTimeout(() => {
      console.error("The server has not renewed its lease on the job; the worker ends.");
      process.exit(LEASE_OVER);
    }, remainingMs);
  }

  /** Counts no longer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#stopping);
    clearTimeout(this.#ending);
  }
}
