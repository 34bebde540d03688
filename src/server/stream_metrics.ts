import { join } from "node:path";
import { onAbort } from "../abort.ts";
import {
  type EventKind,
  eventKinds,
  type EventOf,
  type EventPayloads,
  type JobEvent,
} from "../jobs/job_event.ts";
import type { Picture } from "../fleet/sheet_scaler.ts";
import type { Store } from "../jobs/store.ts";
import type { ThinningNotice } from "../jobs/thin_backlog.ts";
import type { SampleEvent } from "../protocol/generated/tinct/v1/sample_event.ts";
import type { StreamMetricsRequest__Output } from "../protocol/generated/tinct/v1/stream_metrics_request.ts";
import type { StreamMetricsResponse } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { durationMsOf, timestampOf } from "../protocol/times.ts";
import type { CallScope } from "../calls/call_scope.ts";
import type { ClientWords } from "../calls/client_words.ts";
import type { ServerContext } from "./context.ts";
import { Violations } from "../calls/fields.ts";
import { stateMessage } from "./job_messages.ts";
import { LossPace } from "./loss_pace.ts";
import { StoredEventsReader } from "./stored_events.ts";

/** The events of a job until it is over. */
export async function* streamMetrics(
  context: ServerContext,
  request: StreamMetricsRequest__Output,
  scope: CallScope,
): AsyncGenerator<StreamMetricsResponse, void, undefined> {
  const { jobId, maxLossPoints } = request;
  const { signal } = scope;
  scope.fields["jobId"] = jobId;
  const violations = new Violations();
  const { kinds, minIntervalMs } = checkMetricsRequest(request, violations);
  violations.refuse();
  const limits = { maxBacklog: context.settings.maxWatcherBacklog };
  const pace = new LossPace(minIntervalMs);
  let { fromSequence } = request;
  using ending = new Ending(context, scope, jobId, Math.max(1, fromSequence) - 1);
  if (maxLossPoints > 0) {
    for await (const { sequence, message } of storedMessages(context, request, kinds, scope)) {
      if (message) yield message;
      ending.sent(sequence);
      fromSequence = sequence + 1;
    }
  }
  for await (
    const { events, notice } of context.feed.watch(jobId, fromSequence, { signal, kinds, limits })
  ) {
    if (notice) yield droppedMessage(jobId, notice);
    for (const event of pace.pick(events)) {
      if (event.kind === "sample") yield* sampleMessages(context, request, event, scope);
      else yield share(event, () => eventMessage(jobId, event, context.status.words));
      ending.sent(event.sequence);
    }
  }
}

const readers = new WeakMap<Store, StoredEventsReader>();

/** What is stored of a job, its losses made few. The last one says how far that goes. */
async function* storedMessages(
  context: ServerContext,
  request: StreamMetricsRequest__Output,
  kinds: readonly EventKind[] | undefined,
  scope: CallScope,
): AsyncGenerator<{ sequence: number; message?: StreamMetricsResponse }, void, undefined> {
  const { jobId, fromSequence, maxLossPoints } = request;
  const { store } = context;
  const reader = readers.get(store) ?? new StoredEventsReader(store);
  readers.set(store, reader);
  const stored = await reader.read(jobId, fromSequence, maxLossPoints, scope.signal);
  const { history, lossesSequence, others, lastSequence } = stored;
  const events: (JobEvent | undefined)[] = [...others];
  const after = events.findIndex((event) => (event?.sequence ?? 0) > lossesSequence);
  events.splice(after < 0 ? events.length : after, 0, undefined); // the losses' place
  for (const event of events) {
    if (event === undefined) {
      if (!history || kinds?.includes("losses") === false) continue;
      const head = { jobId, sequence: lossesSequence, time: timestampOf(Date.now()) };
      yield { sequence: lossesSequence, message: { ...head, history } };
      continue;
    }
    const { sequence, kind } = event;
    if (kinds?.includes(kind) === false) continue;
    if (kind !== "sample") {
      yield { sequence, message: eventMessage(jobId, event, context.status.words) };
      continue;
    }
    for await (const message of sampleMessages(context, request, event, scope)) {
      yield { sequence, message };
    }
  }
  if (lastSequence >= fromSequence) yield { sequence: lastSequence };
}

/** Ends a stream when the server stops, but not before what has happened until then was sent. */
class Ending implements Disposable {
  readonly #scope: CallScope;
  readonly #listening: Disposable;
  #sent: number;
  #last: number | undefined;

  constructor({ store }: ServerContext, scope: CallScope, jobId: string, sent: number) {
    this.#sent = sent;
    this.#scope = scope;
    this.#listening = onAbort(scope.finishing, () => {
      void store.jobs.get(jobId).then(
        ({ lastSequence }) => this.#last = lastSequence,
        () => this.#last = 0, // nothing more to wait for
      ).then(() => this.sent(this.#sent));
    });
  }

  /** Notes that the watcher has everything up to this event. */
  sent(sequence: number): void {
    this.#sent = sequence;
    if (this.#last === undefined || sequence < this.#last) return;
    this.#scope.end(this.#scope.finishing.reason);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** Reads what is wanted, and notes what `requestRules` do not say. */
export function checkMetricsRequest(
  request: StreamMetricsRequest__Output,
  violations: Violations,
): { kinds: EventKind[] | undefined; minIntervalMs: number } {
  const minIntervalMs = durationMsOf(request.minInterval) ?? 0;
  violations.range(minIntervalMs / 1000, "minInterval", [0, 3600], "seconds");
  const words = request.kinds.map((name) => wordOf("EVENT_KIND_", name)?.toLowerCase());
  const kinds = eventKinds.filter((kind) => words.includes(kind));
  violations.check(
    new Set(words).size === words.length,
    "kinds",
    "must name each kind once at most",
  );
  if (words.length === 0) return { kinds: undefined, minIntervalMs };
  return { kinds: kinds.includes("state") ? kinds : ["state", ...kinds], minIntervalMs };
}

function droppedMessage(jobId: string, notice: ThinningNotice): StreamMetricsResponse {
  const { fromSequence, toSequence, losses, samples, heartbeats } = notice;
  return {
    jobId,
    sequence: toSequence,
    time: timestampOf(Date.now()),
    dropped: { firstSequence: fromSequence, losses, samples, others: heartbeats },
  };
}

function headOf(jobId: string, { sequence, timeMs, attempt }: JobEvent) {
  return { jobId, sequence, attempt, time: timestampOf(timeMs) };
}

/** The messages of events and pictures that many watchers get: the same for all, and encoded once. */
const shared = new WeakMap<JobEvent | Picture, StreamMetricsResponse>();

function share(key: JobEvent | Picture, make: () => StreamMetricsResponse): StreamMetricsResponse {
  const message = shared.get(key) ?? make();
  shared.set(key, message);
  return message;
}

function eventMessage(
  jobId: string,
  event: JobEvent,
  words: ClientWords,
): StreamMetricsResponse {
  const head = headOf(jobId, event);
  switch (event.kind) {
    case "state":
      return { ...head, state: stateMessage(event.payload, words) };
    case "log": {
      const { message } = event.payload;
      return { ...head, log: { ...event.payload, message: words.of(message) } };
    }
    case "checkpoint": {
      const { step, epoch, sizeBytes, best } = event.payload;
      const createTime = head.time;
      return { ...head, checkpoint: { jobId, step, epoch, sizeBytes, best, createTime } };
    }
    default:
      return { ...head, [event.kind]: event.payload };
  }
}

/** A sample with its picture, or what says that it was left out. */
async function* sampleMessages(
  { dataFolder, pictures }: ServerContext,
  { jobId, maxImagePixels, omitImages }: StreamMetricsRequest__Output,
  event: EventOf<"sample">,
  { signal, memory }: CallScope,
): AsyncGenerator<StreamMetricsResponse, void, undefined> {
  const { payload } = event;
  const messageWith = (picture: Picture | undefined) =>
    share(picture ?? event, () => {
      return { ...headOf(jobId, event), sample: sampleMessage(payload, picture) };
    });
  if (omitImages) {
    yield messageWith(undefined);
    return;
  }
  const { path, sizeBytes, width, height } = payload;
  const wanted = {
    event: `${jobId} ${event.sequence}`,
    path: join(dataFolder, path),
    sizeBytes: sizeBytes ?? 0,
    width,
    height,
    maxPixels: maxImagePixels === 0 ? Infinity : maxImagePixels,
  };
  {
    using turn = await pictures.turn(wanted, signal);
    const picture = turn?.picture;
    const bytes = picture?.file.byteLength ?? 0;
    if (turn !== undefined && (bytes === 0 || memory.tryTake(bytes))) {
      try {
        yield messageWith(picture);
      } finally {
        memory.free(bytes); // the client has taken it
      }
      return;
    }
  }
  const { sequence } = event;
  const notice = { fromSequence: sequence, toSequence: sequence, losses: 0, heartbeats: 0 };
  yield droppedMessage(jobId, { ...notice, samples: 1 });
}

function sampleMessage(
  payload: EventPayloads["sample"],
  picture: Picture | undefined,
): SampleEvent {
  const { step, format, width, height, photos, measures, layout } = payload;
  return {
    step,
    format,
    image: picture?.file ?? new Uint8Array(),
    width: picture?.width ?? width,
    height: picture?.height ?? height,
    originalWidth: width,
    originalHeight: height,
    photos,
    measures,
    layout,
  };
}
