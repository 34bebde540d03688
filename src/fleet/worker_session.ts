import { messageOf } from "../errors.ts";
import type { Assignment } from "../protocol/generated/tinct/worker/v1/assignment.ts";
import type { Finished__Output } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { Unforeseen__Output } from "../protocol/generated/tinct/worker/v1/unforeseen.ts";
import type { WorkRequest__Output } from "../protocol/generated/tinct/worker/v1/work_request.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";
import { type Member, memberOf } from "../protocol/one_of.ts";
import { sendToWorker } from "../protocol/worker_socket.ts";
import { durationOf, timeMsOf } from "../protocol/times.ts";
import { Patience } from "./patience.ts";
import type { SupervisorLimits, WorkerLog } from "./fleet_options.ts";
import type { WorkerAccess } from "./worker_command.ts";
import type { WorkerHub, WorkerLink } from "./worker_hub.ts";
import type { PlacedWorker, WorkerExit, WorkerPlace } from "./worker_place.ts";

/** What a worker says, by its kind. */
export type WorkerMessage = Member<WorkRequest__Output, "message">;

/** How a worker ended. */
export interface WorkerEnd {
  /** What it said last; undefined where it was lost before it could. */
  readonly finished: Finished__Output | undefined;
  readonly exit: WorkerExit;
  /** Why it was killed from here; undefined where it was not. */
  readonly killedFor: string | undefined;
  /** Whether it wrote that it got no more memory. */
  readonly outOfMemory: boolean;
  /** What `onMessage` threw, for which it was killed. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** What every worker is started with. */
export interface WorkerSetting {
  readonly hub: WorkerHub;
  /** Where they run. */
  readonly place: WorkerPlace;
  readonly limits: SupervisorLimits;
  readonly log: WorkerLog;
}

/** What one worker is started for. */
export interface WorkerTask {
  readonly access: Omit<WorkerAccess, "endpoint">;
  readonly assignment: Assignment;
  /** The job that the log names with it. */
  readonly jobId?: string | undefined;
  /** Which of several that train together it is, from 0; the log names it. */
  readonly rank?: number;
  /** Takes what it says, one after the other; what it throws ends the worker. */
  readonly onMessage: (message: WorkerMessage, timeMs: number) => Promise<void> | void;
}

/** What the allocators of C++, Abseil (12 is ENOMEM), Rust and V8 write before they end the process. */
const outOfMemory =
  /std::bad_alloc|mmap error: 12\b|memory allocation of \d+ bytes failed|\bout of memory\b/i;

/** How long a worker may take to end by itself after its last word. */
export const EXIT_TIMEOUT_MS = 5000;

/** One worker from its start to its end. */
export class WorkerSession {
  /** Never rejects. */
  readonly ended: Promise<WorkerEnd>;
  readonly #setting: WorkerSetting;
  readonly #task: WorkerTask;
  readonly #worker: PlacedWorker;
  readonly #unsent: WorkResponse[] = [];
  #link: WorkerLink | undefined;
  /** It has said its last word, and is told nothing more. */
  #isOver = false;
  #killedFor: string | undefined;
  #failure: { readonly error: unknown } | undefined;
  #outOfMemory = false;
  #watchdog: Patience | undefined;
  #stopTimer: Patience | undefined;

  /** Starts it. @throws {TypeError} for an assignment that no worker could read. */
  constructor(setting: WorkerSetting, task: WorkerTask) {
    this.#setting = setting;
    this.#task = task;
    const { hub, place, log } = setting;
    hub.check({ assignment: task.assignment });
    const { jobId, rank } = task;
    const expected = hub.expect();
    const { program } = task.access;
    this.#worker = place.start({
      access: { ...task.access, endpoint: hub.endpoint },
      token: expected.token,
      log: (line) => log({ ...line, jobId, fields: { ...line.fields, rank } }),
      onLine: (message) => {
        this.#outOfMemory ||= outOfMemory.test(message);
        log({ level: "debug", message, jobId, fields: { worker: program } });
      },
    });
    this.ended = this.#serve(expected.linked).finally(() => expected[Symbol.dispose]());
  }

  /** What its place calls it. */
  get name(): string {
    return this.#worker.name;
  }

  /** Whether it has dialled. */
  get isLinked(): boolean {
    return this.#link !== undefined;
  }

  /** Says something to it, or keeps it until it has dialled. */
  send(message: WorkResponse): void {
    if (this.#isOver) return;
    if (this.#link) sendToWorker(this.#link.call, message);
    else this.#unsent.push(message);
  }

  /** Asks it to end, and kills it if it has not by then. */
  stop(graceMs: number): void {
    this.send({ stop: { grace: durationOf(graceMs) } });
    this.#killAfter(graceMs, `it did not stop within ${graceMs / 1000} s`);
  }

  /** @param reason half a sentence. */
  kill(reason: string): void {
    this.#killedFor ??= reason;
    this.#worker.kill();
  }

  async #serve(linked: Promise<WorkerLink>): Promise<WorkerEnd> {
    const { startTimeoutMs } = this.#setting.limits;
    this.#watch(startTimeoutMs, `it did not report within ${startTimeoutMs / 1000} s`);
    let finished: Finished__Output | undefined;
    const { exited } = this.#worker;
    const link = await Promise.race([linked, exited.then(() => undefined)]);
    if (link) {
      try {
        finished = await this.#talk(link);
      } catch (error) {
        const { log } = this.#setting;
        const message = `A worker's call was cut: ${messageOf(error)}`;
        log({ level: "debug", message, jobId: this.#task.jobId });
      }
    }
    if (finished) this.#watch(EXIT_TIMEOUT_MS, undefined);
    else this.#worker.kill(); // one that is cut off has nothing left to do
    const exit = await exited;
    this.#watchdog?.[Symbol.dispose]();
    this.#stopTimer?.[Symbol.dispose]();
    return {
      finished,
      exit,
      killedFor: this.#killedFor,
      outOfMemory: this.#outOfMemory,
      failure: this.#failure,
    };
  }

  async #talk(link: WorkerLink): Promise<Finished__Output | undefined> {
    const { heartbeatTimeoutMs, heartbeatIntervalMs } = this.#setting.limits;
    this.#link = link;
    const heartbeatInterval = durationOf(heartbeatIntervalMs);
    sendToWorker(link.call, { assignment: { ...this.#task.assignment, heartbeatInterval } });
    for (const message of this.#unsent.splice(0)) sendToWorker(link.call, message);
    let finished: Finished__Output | undefined;
    const silence = `it gave no sign of life for ${heartbeatTimeoutMs / 1000} s`;
    this.#watch(heartbeatTimeoutMs, silence);
    for await (const message of link.messages) {
      this.#watch(heartbeatTimeoutMs, silence);
      const said = memberOf(message, "message");
      if (said === undefined) continue;
      if (said.kind === "finished") finished = said.value;
      if (said.kind === "unforeseen") this.#logUnforeseen(said.value);
      try {
        await this.#task.onMessage(said, timeMsOf(message.time) ?? Date.now());
      } catch (error) {
        this.#failure ??= { error };
        this.kill("its news could not be taken in");
        return undefined;
      }
    }
    this.#isOver = true;
    link.call.end();
    return finished;
  }

  #logUnforeseen({ reference, error }: Unforeseen__Output): void {
    this.#setting.log({
      level: "error",
      message: "A worker failed unforeseen.",
      jobId: this.#task.jobId,
      fields: { reference, worker: this.#task.access.program },
      error,
    });
  }

  #killAfter(timeoutMs: number, reason: string): void {
    this.#stopTimer?.[Symbol.dispose]();
    this.#stopTimer = new Patience(timeoutMs, () => this.kill(reason));
  }

  /** Kills it after this time, unless this is called again before. */
  #watch(timeoutMs: number, reason: string | undefined): void {
    this.#watchdog?.[Symbol.dispose]();
    this.#watchdog = new Patience(timeoutMs, () => {
      if (reason === undefined) this.#worker.kill();
      else this.kill(reason);
    });
  }
}

/** How a worker was lost, as half a sentence. */
export function describeLoss({ exit, killedFor, outOfMemory }: WorkerEnd): string {
  if (exit.startError !== undefined) return `the process could not be started (${exit.startError})`;
  if (killedFor !== undefined) return `the process was killed, as ${killedFor}`;
  const before = outOfMemory ? "the process got no more memory and " : "the process ";
  return exit.signal === undefined
    ? `${before}ended with exit code ${exit.code}`
    : `${before}was ended by ${exit.signal}`;
}
