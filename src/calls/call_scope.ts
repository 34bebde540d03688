import type { MemoryShare } from "./door/memory_budget.ts";
import type { CallTrace } from "./traces.ts";

/** What a handler knows of its call besides the request. */
export interface CallScope {
  /**
   * Aborted, with a TinctError as its reason, when nobody waits for the answer any more: the client
   * gave up or is gone, the deadline has passed, the server stops, or the handler has called `end`.
   */
  readonly signal: AbortSignal;
  /** Aborted before `signal` when the server stops: says what there is to say and ends. */
  readonly finishing: AbortSignal;
  /** Ends the call with this error at once, even while an answer waits for the client to take it. */
  readonly end: (error: unknown) => void;
  /** Who calls: its name, or its address where everybody may call. */
  readonly client: string;
  /** What the log says of this call; a handler adds the job's id as soon as it knows it. */
  readonly fields: Record<string, string | number>;
  /** For spans under the call's own. */
  readonly trace: CallTrace;
  /** What the call holds of the server's memory; given back when it is over. */
  readonly memory: MemoryShare;
}
