import { useEffect, useState } from "preact/hooks";
import { CallError, stream } from "../contract/calls.ts";
import type {
  Checkpoint,
  JobEvent,
  LogEntry,
  Progress,
  SheetLayout,
  StateChange,
  Validation,
} from "../contract/messages.ts";
import { num } from "../words.ts";
import { noteHeard, noteLost, untilRetry } from "./connection.ts";
import { Curves } from "./curves.ts";
import type { Turns } from "./turns.ts";

/** An event at its time. */
export type Timed<Value> = Value & { readonly time: string; readonly sequence: number };

/** A sample sheet whose picture is fetched when it is looked at. */
export interface Sheet {
  readonly sequence: number;
  readonly step: number;
  readonly photos: number;
  readonly measures: Validation | undefined;
  /** Where its pictures are; undefined: an older version drew it. */
  readonly layout: SheetLayout | undefined;
  /** Width in pixels as drawn. */
  readonly width: number;
}

/** How many points the server makes of a job's past. */
const MAX_POINTS = 500;

/** After so long a stream gives way to one that waits, in ms. */
const TURN_MS = 500;

const kinds = ["STATE", "LOSSES", "VALIDATION", "SAMPLE", "CHECKPOINT", "LOG", "HEARTBEAT"]
  .map((kind) => `EVENT_KIND_${kind}`);

/** All that the page knows of a job, as its events come. */
export class JobLive {
  readonly curves = new Curves();
  readonly validations: Timed<Validation>[] = [];
  readonly sheets: Sheet[] = [];
  readonly checkpoints: Timed<Checkpoint>[] = [];
  readonly log: Timed<LogEntry>[] = [];
  readonly states: Timed<StateChange>[] = [];
  progress: Progress | undefined;
  residentBytes = 0;
  lastSequence = 0;
  isOver = false;
  /** Events that came at once after a lost connection; undefined: none was lost. */
  caughtUp: number | undefined;
  error: CallError | undefined;
  /** Grows with every event. */
  version = 0;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<() => void>();
  #isTold = false;

  /**
   * @param jobId of the job to watch until `end`.
   * @param turns that it shares with others; without them its stream stays open.
   */
  constructor(readonly jobId: string, readonly turns?: Turns) {
    void this.#watch();
  }

  /** Calls a listener after events, at most once a frame. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches no longer. */
  end(): void {
    this.#ending.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ending;
    let lostAt: number | undefined;
    while (!signal.aborted && !this.isOver) {
      const endTurn = await this.turns?.take();
      const startMs = performance.now();
      const before = this.lastSequence;
      let [hasPast, hasGivenWay] = [false, false];
      try {
        if (signal.aborted) return;
        const request = {
          jobId: this.jobId,
          fromSequence: this.lastSequence + 1,
          kinds,
          maxLossPoints: MAX_POINTS,
          omitImages: true,
        };
        for await (
          const event of stream<JobEvent>("ColorizationService/StreamMetrics", request, signal)
        ) {
          noteHeard();
          this.#take(event);
          if (lostAt !== undefined) {
            this.caughtUp = this.lastSequence - before;
            lostAt = undefined;
          }
          // Stored losses come as one event with the newest one's number, after older events of other
          // kinds: where a stream ends before it, the next one must not begin at those.
          hasPast ||= event.history !== undefined || event.losses !== undefined ||
            num(event.sequence) === 0;
          hasGivenWay = hasPast && this.turns?.isWanted === true &&
            performance.now() - startMs > TURN_MS;
          if (hasGivenWay) break;
        }
        this.isOver = !hasGivenWay;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof CallError)) throw error;
        if (["not_found", "permission_denied", "invalid_argument"].includes(error.code)) {
          this.error = error;
          this.#tell();
          return;
        }
        if (!hasPast) this.#takeBack(before);
        lostAt ??= Date.now();
        if (error.code === "unavailable") noteLost();
        await untilRetry(1000, signal);
      } finally {
        endTurn?.();
      }
    }
    this.#tell();
  }

  #take(event: JobEvent): void {
    const sequence = num(event.sequence);
    const head = { time: event.time ?? "", sequence };
    this.lastSequence = Math.max(this.lastSequence, sequence);
    if (event.history) this.curves.addHistory(event.history);
    if (event.losses) {
      this.curves.addLosses(event.losses, event);
      const { step = 0, epoch, timeLeft } = event.losses;
      this.progress = { ...this.progress, step, ...(epoch !== undefined && { epoch }) };
      if (timeLeft !== undefined) this.progress = { ...this.progress, timeLeft };
    }
    if (event.validation) {
      dropFrom(this.validations, num(event.validation.step));
      this.validations.push({ ...event.validation, ...head });
    }
    if (event.sample) {
      const { step, photos = 0, measures, layout, originalWidth: width = 0 } = event.sample;
      dropFrom(this.sheets, num(step));
      this.sheets.push({ sequence, step: num(step), photos, measures, layout, width });
    }
    if (event.checkpoint) this.checkpoints.push({ ...event.checkpoint, ...head });
    if (event.log) this.log.push({ ...event.log, ...head });
    if (event.state) this.states.push({ ...event.state, ...head });
    if (event.heartbeat) {
      this.progress = { ...this.progress, ...event.heartbeat.progress };
      this.residentBytes = num(event.heartbeat.residentBytes);
    }
    this.#tell();
  }

  /** Forgets what came after an event, so that it is asked for again. */
  #takeBack(sequence: number): void {
    const { validations, sheets, checkpoints, log, states } = this;
    for (const entries of [validations, sheets, checkpoints, log, states]) {
      while ((entries.at(-1)?.sequence ?? 0) > sequence) entries.pop();
    }
    this.lastSequence = sequence;
  }

  #tell(): void {
    this.version++;
    if (this.#isTold) return;
    this.#isTold = true;
    requestAnimationFrame(() => {
      this.#isTold = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

/** What another attempt repeats takes the place of what was there. */
function dropFrom(entries: { readonly step?: string | number | undefined }[], step: number): void {
  while (entries.length > 0 && num(entries.at(-1)?.step) >= step) entries.pop();
}

/** A job's events, and again with each of them. */
export function useJobLive(jobId: string): JobLive | undefined {
  const [live, setLive] = useState<JobLive>();
  const [, setVersion] = useState(0);
  useEffect(() => {
    const opened = new JobLive(jobId);
    setLive(opened);
    const stop = opened.onChange(() => setVersion(opened.version));
    return () => {
      stop();
      opened.end();
    };
  }, [jobId]);
  return live;
}
