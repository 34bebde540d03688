import { status as codes } from "@grpc/grpc-js";
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerReadableStream,
  ServerWritableStream,
} from "@grpc/grpc-js";
import { TinctError } from "../errors.ts";
import { checkOutgoing } from "../protocol/outgoing.ts";
import { cutStalled } from "../protocol/outlet.ts";
import { readOneAhead } from "../protocol/receive.ts";
import { logFailedCall } from "./call_log.ts";
import type { Admission } from "./door/door.ts";
import type { MemoryShare } from "./door/memory_budget.ts";
import { Violations } from "./fields.ts";
import type { Log, LogFields } from "../log/log.ts";
import type { StatusMapper } from "./status.ts";
import { CallTrace } from "./traces.ts";

/** What a handler knows of its call besides the request. */
export interface CallScope {
  /**
   * Aborted, with a TinctError as its reason, when nobody waits for the answer any more: the client
   * gave up or is gone, the deadline has passed, the server stops.
   */
  readonly signal: AbortSignal;
  /** Aborted before `signal` when the server stops: says what there is to say and ends. */
  readonly finishing: AbortSignal;
  /** Who calls: its name, or its address where everybody may call. */
  readonly client: string;
  /** What the log says of this call; a handler adds the job's id as soon as it knows it. */
  readonly fields: Record<string, string | number>;
  /** For spans under the call's own. */
  readonly trace: CallTrace;
  /** What the call holds of the server's memory; given back when it is over. */
  readonly memory: MemoryShare;
}

/** How long calls may take, and how they end. */
export interface CallRules {
  readonly status: StatusMapper;
  /** Deadline of a unary call that brings none, in milliseconds. */
  readonly deadlineMs: number;
  /** A client that takes nothing of a single answer for so long loses it, in milliseconds. */
  readonly maxStallMs: number;
  /** What the door knows of a call that it let in. */
  readonly admission: (call: object) => Admission;
  /** Told of every call that has ended: its path, status code and, of a single call, duration. */
  readonly onEnded: (path: string, code: number, durationMs: number | undefined) => void;
  readonly log: Log;
}

/** A client's own deadline passes a little before ours, which began when its call arrived. */
const clockSlackMs = 100;

/** What a call came to. */
type Ending<T> = { readonly value: T } | {
  readonly error: ReturnType<StatusMapper["statusOf"]>;
};

/** Notes what is wrong with a request beyond what was found already. */
type FindMore<Request> = (request: Request, violations: Violations) => void | Promise<void>;

/** What is common to calls of every kind. */
interface AnyCall {
  on(event: "cancelled", listener: () => void): unknown;
  readonly metadata: Metadata;
  getPath(): string;
  getPeer(): string;
  getDeadline(): Date | number;
}

/**
 * Makes gRPC handlers of async functions. Whatever a function throws reaches the client as a status:
 * grpc-js alone would leave the client hanging. Every call in progress is known here, so that a
 * server that stops can end them.
 */
export class Calls {
  readonly #rules: CallRules;
  readonly #active = new Set<AbortController>();
  readonly #finishing = new AbortController();
  /** Calls whose connection still carries them: their end was not sent yet, or not all of it. */
  #open = 0;
  #wake = () => {};
  #refusal: TinctError | undefined;

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  /** From now on every call ends at once with this error; those in progress go on. */
  refuseNew(reason: TinctError): void {
    this.#refusal ??= reason;
  }

  /**
   * Asks the calls in progress to come to their end, and waits for it.
   *
   * @param timeoutMs at most so long.
   */
  async finish(reason: TinctError, timeoutMs: number): Promise<void> {
    this.#finishing.abort(reason);
    await this.#until(() => this.#active.size === 0, timeoutMs);
  }

  /** Waits until the ends of all calls have been sent, at most so long. */
  async closed(timeoutMs: number): Promise<void> {
    await this.#until(() => this.#open === 0, timeoutMs);
  }

  /** Aborts the calls in progress; they end with this error. */
  abortAll(reason: TinctError): void {
    for (const controller of this.#active) controller.abort(reason);
  }

  /**
   * A request, an answer. A request that does not fit by its own words, see `requestRules`, is refused
   * before the function has it.
   *
   * @param findMore where a request is refused so: notes what else is wrong with it, so that a client
   *   is told all at once. What it finds the function refuses by itself, too. "answer": nothing is
   *   refused, as what is wrong is the answer.
   */
  unary<Request extends object, Response>(
    handle: (request: Request, scope: CallScope) => Promise<Response>,
    findMore?: FindMore<Request> | "answer",
  ): handleUnaryCall<Request, Response> {
    return (call, answer) => {
      const work = async (scope: CallScope) => {
        const checked = this.#checked(call, scope, findMore).then(() =>
          handle(call.request, scope)
        );
        const value = await endEarly(checked, scope.signal);
        checkOutgoing(call, value);
        return value;
      };
      void this.#run(call, { deadline: true }, work).then((ending) => {
        if ("error" in ending) answer(ending.error);
        else answer(null, ending.value);
        cutStalled(call, this.#rules.maxStallMs);
      });
    };
  }

  /**
   * A request, many answers, which the function sends itself; the call ends when it returns. The request
   * is checked as that of `unary`.
   */
  serverStream<Request extends object, Response>(
    handle: (call: ServerWritableStream<Request, Response>, scope: CallScope) => Promise<void>,
    findMore?: FindMore<Request>,
  ): handleServerStreamingCall<Request, Response> {
    return (call) => {
      const work = async (scope: CallScope) => {
        await this.#checked(call, scope, findMore);
        await handle(call, scope);
      };
      void this.#run(call, {}, work).then(
        (ending) => "error" in ending ? call.emit("error", ending.error) : call.end(),
      );
    };
  }

  /** Many requests, one answer. */
  clientStream<Request, Response>(
    handle: (
      call: ServerReadableStream<Request, Response>,
      scope: CallScope,
    ) => Promise<Response>,
  ): handleClientStreamingCall<Request, Response> {
    return (call, answer) => {
      readOneAhead(call);
      const work = async (scope: CallScope) => {
        const value = await handle(call, scope);
        checkOutgoing(call, value);
        return value;
      };
      void this.#run(call, {}, work).then(
        (ending) => "error" in ending ? answer(ending.error) : answer(null, ending.value),
      );
    };
  }

  /** Many requests, many answers. */
  bidi<Request, Response>(
    handle: (call: ServerDuplexStream<Request, Response>, scope: CallScope) => Promise<void>,
  ): handleBidiStreamingCall<Request, Response> {
    return (call) => {
      readOneAhead(call);
      void this.#run(call, {}, (scope) => handle(call, scope)).then(
        (ending) => "error" in ending ? call.emit("error", ending.error) : call.end(),
      );
    };
  }

  /** @throws {TinctError} invalid_argument that names all that is wrong. */
  async #checked<Request extends object>(
    call: AnyCall & { readonly request: Request },
    { fields }: CallScope,
    findMore: FindMore<Request> | "answer" | undefined,
  ): Promise<void> {
    const { requests } = this.#rules.status;
    requests.note(fields, call.getPath(), call.request);
    if (findMore === "answer") return;
    const violations = new Violations(requests.violations(call.getPath(), call.request));
    if (violations.list.length === 0) return;
    await findMore?.(call.request, violations);
    violations.refuse();
  }

  async #run<T>(
    call: AnyCall,
    { deadline = false },
    work: (scope: CallScope) => Promise<T>,
  ): Promise<Ending<T>> {
    const startedMs = performance.now();
    const fields: CallScope["fields"] = { method: call.getPath() };
    const trace = new CallTrace(call.getPath(), call.metadata);
    if (trace.traceId !== undefined) fields["traceId"] = trace.traceId;
    const ending = await this.#answer(call, { deadline, fields, trace }, work);
    const code = "error" in ending ? ending.error.code ?? codes.UNKNOWN : codes.OK;
    const durationMs = deadline ? performance.now() - startedMs : undefined;
    trace.end(code, fields);
    this.#rules.onEnded(call.getPath(), code, durationMs);
    if ("error" in ending) {
      const { details: reason = "" } = ending.error;
      const { method: _, ...known } = fields;
      const failed = { method: call.getPath(), code, reason, peer: call.getPeer(), fields: known };
      logFailedCall(this.#rules.log, failed);
    }
    return ending;
  }

  async #answer<T>(
    call: AnyCall,
    { deadline, fields, trace }: Pick<CallScope, "fields" | "trace"> & {
      readonly deadline: boolean;
    },
    work: (scope: CallScope) => Promise<T>,
  ): Promise<Ending<T>> {
    if (this.#refusal) return { error: this.#status(this.#refusal, fields) };
    const { client: name, share: memory } = this.#rules.admission(call);
    if (name !== undefined) fields["client"] = name;
    const client = name ?? memory.client;
    this.#open++;
    const controller = new AbortController();
    const deadlineMs = Number(call.getDeadline()); // Infinity where the client set none
    // grpc-js tells a passed deadline and a client that is gone by the same event. It also comes
    // after calls that succeeded; nobody listens to the signal by then.
    call.on("cancelled", () => {
      this.#open--;
      this.#wake();
      controller.abort(Date.now() >= deadlineMs - clockSlackMs ? tooLate() : clientGone());
    });
    const timer = deadline && !Number.isFinite(deadlineMs)
      ? setTimeout(() => controller.abort(tooLate()), this.#rules.deadlineMs)
      : undefined;
    this.#active.add(controller);
    try {
      const { signal } = controller;
      const finishing = this.#finishing.signal;
      return { value: await work({ signal, finishing, client, fields, trace, memory }) };
    } catch (error) {
      return { error: this.#status(error, fields) };
    } finally {
      this.#active.delete(controller);
      this.#wake();
      clearTimeout(timer);
    }
  }

  async #until(isSo: () => boolean, timeoutMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), timeoutMs);
    try {
      while (!isSo()) {
        const woken = new Promise<void>((wake) => this.#wake = wake);
        if (await Promise.race([woken, late]) === "late") return;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #status(error: unknown, fields: LogFields): ReturnType<StatusMapper["statusOf"]> {
    return this.#rules.status.statusOf(error, fields);
  }
}

/** Waits for the work no longer than somebody waits for the call. */
async function endEarly<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function tooLate(): TinctError {
  return new TinctError("deadline_exceeded", "The call took longer than its deadline allows.");
}

function clientGone(): TinctError {
  return new TinctError("cancelled", "The client gave up the call.");
}
