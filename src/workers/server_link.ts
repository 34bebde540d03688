import process from "node:process";
import { describeError, messageOf, TinctError } from "../errors.ts";
import { faultOf, newReference, unforeseenFault } from "../protocol/faults.ts";
import type { Fault } from "../protocol/generated/tinct/v1/fault.ts";
import type { Assignment__Output } from "../protocol/generated/tinct/worker/v1/assignment.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { Heartbeat } from "../protocol/generated/tinct/worker/v1/heartbeat.ts";
import type { WorkRequest } from "../protocol/generated/tinct/worker/v1/work_request.ts";
import type { WorkResponse__Output } from "../protocol/generated/tinct/worker/v1/work_response.ts";
import { type Member, memberOf } from "../protocol/one_of.ts";
import { receive } from "../protocol/receive.ts";
import { durationMsOf, durationOf, timestampOf } from "../protocol/times.ts";
import { dialServer, type WorkStream } from "../protocol/worker_socket.ts";
import type { WorkerStart } from "../protocol/worker_start.ts";
import { version } from "../version.ts";
import { ServersLease } from "./servers_lease.ts";
import { readStartLine } from "./start_line.ts";

/** What the server says after the assignment, by its kind. */
export type Command = Member<WorkResponse__Output, "message">;

/** What a worker's work gets. */
export interface Work {
  readonly assignment: Assignment__Output;
  readonly start: WorkerStart;
  /** Says something to the server; the time is added. Throws where it is wrong, see `OutgoingCheck`. */
  readonly send: (message: WorkRequest) => void;
  /** What the server is to answer for an error; of one that nobody foresaw its log is told. */
  readonly faultOf: (error: unknown) => Fault;
  /** Takes each command of the server; those that came before it was set come first. */
  readonly onCommand: (listener: (command: Command) => void) => void;
  /** What the signs of life are to say, asked for at each. */
  readonly onHeartbeat: (report: () => Heartbeat) => void;
  /** Gives a sign of life now, where it has news. */
  readonly beat: () => void;
}

/** The most characters of an error that the server's log is told. */
const MAX_ERROR = 20_000;

/**
 * A worker's life: it dials its server, gets its assignment, works, says how it ended, and is gone.
 * It ends at once where the server is gone.
 *
 * @param work what to do; what it throws is told to the server as the reason of a failure.
 */
export async function runWorker(work: (work: Work) => Promise<Finished>): Promise<never> {
  const start = await readStartLine();
  using server = dialServer(start.endpoint);
  const { call } = server;
  const send = (message: WorkRequest) => server.send({ ...message, time: timestampOf(Date.now()) });
  send({
    hello: { token: start.token, pid: process.pid, version, runtimeVersion: runtimeVersion() },
  });
  const tellFault = (error: unknown): Fault => {
    if (error instanceof TinctError) return faultOf(error);
    const reference = newReference();
    send({ unforeseen: { reference, error: describeError(error).slice(0, MAX_ERROR) } });
    return unforeseenFault(reference);
  };
  const commands = new CommandQueue(call);
  const first = await commands.first();
  if (first.kind !== "assignment") throw new TypeError(`The server began with ${first.kind}.`);
  let report = (): Heartbeat => ({});
  const beat = () => send({ heartbeat: { ...report(), residentBytes: process.memoryUsage.rss() } });
  const timer = setInterval(beat, durationMsOf(first.value.heartbeatInterval) ?? 2000);
  let finished: Finished;
  try {
    finished = await work({
      assignment: first.value,
      start,
      send,
      faultOf: tellFault,
      onCommand: (listener) => commands.listen(listener),
      onHeartbeat: (made) => {
        report = made;
        beat();
      },
      beat,
    });
  } catch (error) {
    finished = { outcome: "OUTCOME_FAILED", fault: tellFault(error) };
  }
  clearInterval(timer);
  send({ finished });
  call.end();
  await commands.ended;
  process.exit(0);
}

function runtimeVersion(): string {
  return process.versions["deno"] ?? process.version;
}

/** The server's commands, in order. */
class CommandQueue {
  /** Settles when the server has ended the call in good order. */
  readonly ended: Promise<void>;
  readonly #waiting: Command[] = [];
  readonly #first = Promise.withResolvers<Command>();
  #hasFirst = false;
  #listener: ((command: Command) => void) | undefined;
  readonly #lease = new ServersLease((grace) => {
    this.#take({ kind: "stop", value: { grace: durationOf(grace) } });
  });

  constructor(call: WorkStream) {
    this.ended = this.#read(call);
  }

  /** The first one, which is the listener's no more. */
  first(): Promise<Command> {
    return this.#first.promise;
  }

  listen(listener: (command: Command) => void): void {
    this.#listener = listener;
    for (const command of this.#waiting.splice(0)) listener(command);
  }

  #take(command: Command): void {
    if (!this.#hasFirst) {
      this.#hasFirst = true;
      this.#first.resolve(command);
    } else if (this.#listener) this.#listener(command);
    else this.#waiting.push(command);
  }

  async #read(call: WorkStream): Promise<void> {
    try {
      for await (const message of receive(call)) {
        const command = memberOf(message, "message");
        if (command?.kind === "lease") {
          this.#lease.renew(durationMsOf(command.value.remaining) ?? 0);
        } else if (command !== undefined) this.#take(command);
      }
      this.#lease[Symbol.dispose]();
    } catch (error) {
      // Nobody is there to work for.
      console.error(`The server is gone: ${messageOf(error)}`);
      process.exit(1);
    }
  }
}
