import type { ErrorCode } from "../errors.ts";

/** What the leader has the other replicas do next; all do it at once, with collectives. */
export type Order =
  /** Take over the leader's weights and optimizers, and go on in the data at this place. */
  | { readonly kind: "share"; readonly epoch: number; readonly offset: number }
  /** Take this step with these learning rates. */
  | { readonly kind: "step"; readonly step: number; readonly lrG: number; readonly lrD: number };

/** Tells from orders whether steps follow one another: from the second step of a shared state on. */
export class StepPace {
  #steps = 0;

  /** @returns whether a step was taken, by all replicas, since the state was shared. */
  follows({ kind }: Order): boolean {
    this.#steps = kind === "share" ? 0 : this.#steps + 1;
    return this.#steps > 1;
  }
}

/** How a training ended, as far as it concerns the other replicas. */
export type Ending = "done" | "failed" | "lost";

/** From rank 0, the leader. */
export type LeaderMessage =
  | Order
  /** What is trained, and the photos that it is trained on. */
  | {
    readonly kind: "welcome";
    readonly config: Readonly<Record<string, unknown>>;
    readonly dataKey: string;
  }
  | { readonly kind: "end"; readonly ending: Ending; readonly reason: string }
  | { readonly kind: "alive" };

/** To rank 0. */
export type FollowerMessage =
  | {
    readonly kind: "hello";
    readonly rank: number;
    readonly size: number;
    readonly version: string;
  }
  /** TensorFlow listens: orders may come. */
  | { readonly kind: "ready" }
  /** Somebody wants the training stopped. */
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "alive" };

/** The fields of each kind of message, with the type that each must have. */
const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  share: { epoch: "number", offset: "number" },
  step: { step: "number", lrG: "number", lrD: "number" },
  welcome: { config: "object", dataKey: "string" },
  end: { ending: "string", reason: "string" },
  hello: { rank: "number", size: "number", version: "string" },
  ready: {},
  interrupted: {},
  failed: { code: "string", message: "string" },
  alive: {},
};

const leaderKinds = new Set(["share", "step", "welcome", "end", "alive"]);

/**
 * Reads a line of the connection between replicas.
 *
 * @param from which side wrote it.
 * @returns undefined for what is no message of that side.
 */
export function readMessage(line: string, from: "leader"): LeaderMessage | undefined;
export function readMessage(line: string, from: "follower"): FollowerMessage | undefined;
export function readMessage(
  line: string,
  from: "leader" | "follower",
): LeaderMessage | FollowerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  const { kind } = value;
  if (typeof kind !== "string" || !Object.hasOwn(fields, kind)) return undefined;
  const isLeaders = leaderKinds.has(kind);
  if (kind !== "alive" && isLeaders !== (from === "leader")) return undefined;
  const record: Readonly<Record<string, unknown>> = { ...value };
  for (const [name, type] of Object.entries(fields[kind] ?? {})) {
    if (typeof record[name] !== type || record[name] === null) return undefined;
  }
  return value as LeaderMessage | FollowerMessage; // its kind and the types of its fields were checked
}
