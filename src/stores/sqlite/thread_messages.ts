import type { MessagePort } from "node:worker_threads";
import type { Appended } from "../../jobs/store.ts";
import type { StorePart } from "../operations/all_operations.ts";
import type { SentError } from "./sent_error.ts";

/** What the thread is started with. */
export interface ThreadStart {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly port: MessagePort;
}

/** A call of one of the store's methods. */
export interface StoreCall {
  /** Comes back with the answer. */
  readonly id: number;
  readonly part: StorePart;
  readonly method: string;
  readonly args: readonly unknown[];
  /** See `Store.owner`. */
  readonly owner: string;
  readonly nowMs: number;
}

/** What the thread is asked. */
export type ThreadRequest = StoreCall | "close";

/** What came of a call. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: SentError;
}

/** What the thread says. */
export type ThreadReply =
  | { readonly type: "opened" }
  | { readonly type: "refused"; readonly error: SentError }
  | {
    readonly type: "answers";
    readonly answers: readonly Answer[];
    /** Jobs that got events, in the order of the changes. */
    readonly appended: readonly Appended[];
  }
  | { readonly type: "closed" };
