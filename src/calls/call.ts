import { unlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { Log, LogFields } from "../log/log.ts";
import type { CallProtocol } from "../protocol/call_protocol.ts";
import { logFailedCall } from "./call_log.ts";
import type { CallScope } from "./call_scope.ts";
import type { MemoryShare } from "./door/memory_budget.ts";
import { Violations } from "./fields.ts";
import type {
  BidiMethod,
  ClientStreamMethod,
  FindMore,
  ServerStreamMethod,
  UnaryMethod,
} from "./methods.ts";
import { type CallStatus, okCode, type StatusMapper } from "./status.ts";
import { type CallHeaders, CallTrace } from "./traces.ts";

/** A call that was let in. */
export interface Admission {
  /** The client's name in the access list; undefined where nobody needs one. */
  readonly client: string | undefined;
  /** What the call holds; the door gives it back when the call is over. */
  readonly share: MemoryShare;
}

/** A call that has ended, for the metrics. */
export interface EndedCall {
  readonly protocol: CallProtocol;
  readonly path: string;
  /** Its status. */
  readonly code: number;
  /** Of a single call that a handler answered. */
  readonly durationMs?: number | undefined;
}

/** A call as the door that took it in tells of it. */
export interface IncomingCall {
  readonly protocol: CallProtocol;
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  /** Where the client is, for the log. */
  readonly peer: () => string;
  readonly headers: CallHeaders;
  /** When the client stops waiting, in Unix ms; Infinity where it set no deadline. */
  readonly deadlineMs: number;
  readonly admission: () => Admission;
  /**
   * Has a listener told, once, when the connection carries the call no more, however it ended, and why
   * where the server itself cut it.
   */
  readonly onGone: (listener: (cut?: TinctError) => void) => void;
}

/** The requests of a stream, read as they are asked for, until a signal ends the reading. */
type OpenRequests<Request> = (signal: AbortSignal) => AsyncIterableIterator<Request>;

/** Writes an answer of a stream, and waits until the next one may come, or a signal ends that. */
type WriteAnswer<Response> = (message: Response, signal: AbortSignal) => Promise<void>;

/** Refuses an answer that may not be sent. */
type CheckAnswer<Response> = (value: Response) => void;

/** How long calls may take, and who is told of them. */
interface CallRules {
  readonly status: StatusMapper;
  /** Deadline of a unary call that brings none, in milliseconds. */
  readonly deadlineMs: number;
  /** Told of every call that has ended. */
  readonly onEnded: (call: EndedCall) => void;
  readonly log: Log;
}

/** A client's own deadline passes a little before ours, which began when its call arrived. */
const clockSlackMs = 100;

/** What a call came to. */
type Ending<T> = { readonly value: T } | { readonly status: CallStatus };

/**
 * The life of every call, whatever protocol brought it: checks, deadline, cancellation, status, trace,
 * log. A door hands its calls in and writes what they come to. Every call in progress is known here,
 * so that a server that stops can end them.
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

  /** A request, an answer. */
  unary<Request extends object, Response>(
    call: IncomingCall,
    { handle, findMore }: UnaryMethod<Request, Response>,
    request: Request,
    check: CheckAnswer<Response>,
  ): Promise<Ending<Response>> {
    return this.#run(call, { deadline: true }, async (scope) => {
      const checked = this.#checked(call, request, scope, findMore);
      const value = await unlessAborted(checked.then(() => handle(request, scope)), scope.signal);
      check(value);
      return value;
    });
  }

  /** A request, many answers. */
  serverStream<Request extends object, Response>(
    call: IncomingCall,
    { handle, findMore }: ServerStreamMethod<Request, Response>,
    request: Request,
    write: WriteAnswer<Response>,
  ): Promise<Ending<void>> {
    return this.#run(call, {}, async (scope) => {
      await this.#checked(call, request, scope, findMore);
      await writeAll(handle(request, scope), write, scope);
    });
  }

  /** Many requests, an answer. */
  clientStream<Request, Response>(
    call: IncomingCall,
    { handle }: ClientStreamMethod<Request, Response>,
    requests: OpenRequests<Request>,
    check: CheckAnswer<Response>,
  ): Promise<Ending<Response>> {
    return this.#run(call, {}, async (scope) => {
      const value = await handle(requests(scope.signal), scope);
      check(value);
      return value;
    });
  }

  /** Many requests, many answers. */
  bidi<Request, Response>(
    call: IncomingCall,
    { handle }: BidiMethod<Request, Response>,
    requests: OpenRequests<Request>,
    write: WriteAnswer<Response>,
  ): Promise<Ending<void>> {
    return this.#run(
      call,
      {},
      (scope) => writeAll(handle(requests(scope.signal), scope), write, scope),
    );
  }

  /** @throws {TinctError} invalid_argument that names all that is wrong. */
  async #checked<Request extends object>(
    { path }: IncomingCall,
    request: Request,
    { fields }: CallScope,
    findMore: FindMore<Request> | "answer" | undefined,
  ): Promise<void> {
    const { requests } = this.#rules.status;
    requests.note(fields, path, request);
    if (findMore === "answer") return;
    const violations = new Violations(requests.violations(path, request));
    if (violations.list.length === 0) return;
    await findMore?.(request, violations);
    violations.refuse();
  }

  async #run<T>(
    call: IncomingCall,
    { deadline = false },
    work: (scope: CallScope) => Promise<T>,
  ): Promise<Ending<T>> {
    const startedMs = performance.now();
    const { protocol, path } = call;
    const fields: CallScope["fields"] = { method: path };
    const trace = new CallTrace(call);
    if (trace.traceId !== undefined) fields["traceId"] = trace.traceId;
    const ending = await this.#answer(call, { deadline, fields, trace }, work);
    const code = "status" in ending ? ending.status.code : okCode;
    const durationMs = deadline ? performance.now() - startedMs : undefined;
    trace.end(code, fields);
    this.#rules.onEnded({ protocol, path, code, durationMs });
    if ("status" in ending) {
      const { details: reason } = ending.status;
      const { method: _, ...known } = fields;
      const peer = call.peer();
      logFailedCall(this.#rules.log, { protocol, method: path, code, reason, peer, fields: known });
    }
    return ending;
  }

  async #answer<T>(
    call: IncomingCall,
    { deadline, fields, trace }: Pick<CallScope, "fields" | "trace"> & {
      readonly deadline: boolean;
    },
    work: (scope: CallScope) => Promise<T>,
  ): Promise<Ending<T>> {
    if (this.#refusal) return { status: this.#status(this.#refusal, fields) };
    const { client: name, share: memory } = call.admission();
    if (name !== undefined) fields["client"] = name;
    const client = name ?? memory.client;
    this.#open++;
    const controller = new AbortController();
    const { deadlineMs } = call;
    // After a call that succeeded nobody listens to the signal any more.
    call.onGone((cut) => {
      this.#open--;
      this.#wake();
      const isLate = Date.now() >= deadlineMs - clockSlackMs;
      controller.abort(cut ?? (isLate ? tooLate() : clientGone()));
    });
    const timer = deadline && !Number.isFinite(deadlineMs)
      ? setTimeout(() => controller.abort(tooLate()), this.#rules.deadlineMs)
      : undefined;
    this.#active.add(controller);
    using _messages = memory.useBuffers();
    try {
      const { signal } = controller;
      const finishing = this.#finishing.signal;
      const end = (error: unknown) => controller.abort(error);
      return { value: await work({ signal, finishing, end, client, fields, trace, memory }) };
    } catch (error) {
      return { status: this.#status(error, fields) };
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

  #status(error: unknown, fields: LogFields): CallStatus {
    return this.#rules.status.statusOf(error, fields);
  }
}

/** Writes the answers of a stream, each when the one before has gone; one that cannot ends the call. */
async function writeAll<Response>(
  answers: AsyncIterable<Response>,
  write: WriteAnswer<Response>,
  { signal, end }: CallScope,
): Promise<void> {
  for await (const message of answers) {
    try {
      await write(message, signal);
    } catch (error) {
      end(error);
      throw error;
    }
  }
}

function tooLate(): TinctError {
  return new TinctError("deadline_exceeded", "The call took longer than its deadline allows.");
}

function clientGone(): TinctError {
  return new TinctError("cancelled", "The client gave up the call.");
}
