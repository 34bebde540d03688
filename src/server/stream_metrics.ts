import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type EventKind, eventKinds, type JobEvent } from "../jobs/job_event.ts";
import type { ThinningNotice } from "../jobs/thin_backlog.ts";
import { maxSampleBytes } from "../config/service.ts";
import type { SampleEvent } from "../protocol/generated/tinct/v1/sample_event.ts";
import type { StreamMetricsRequest__Output } from "../protocol/generated/tinct/v1/stream_metrics_request.ts";
import type { StreamMetricsResponse } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import type { SampleFile__Output } from "../protocol/generated/tinct/worker/v1/sample_file.ts";
import type { SavedCheckpoint__Output } from "../protocol/generated/tinct/worker/v1/saved_checkpoint.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { send } from "../protocol/send.ts";
import { durationMsOf, timestampOf } from "../protocol/times.ts";
import type { CallScope } from "./call.ts";
import type { ServerContext } from "./context.ts";
import { Violations } from "./fields.ts";
import { stateMessage } from "./job_messages.ts";
import { fitPicture } from "./fit_picture.ts";
import { LossPace } from "./loss_pace.ts";

type MetricsCall = ServerWritableStream<StreamMetricsRequest__Output, StreamMetricsResponse>;

/** Sends the events of a job until it is over. */
export async function streamMetrics(
  context: ServerContext,
  call: MetricsCall,
  scope: CallScope,
): Promise<void> {
  const { jobId, fromSequence, maxImagePixels } = call.request;
  scope.fields["jobId"] = jobId;
  const { kinds, minIntervalMs } = checkRequest(call.request);
  const limits = { maxBacklog: context.settings.maxWatcherBacklog };
  const pace = new LossPace(minIntervalMs);
  using ending = new Ending(context, scope, jobId, Math.max(1, fromSequence) - 1);
  const { signal } = ending;
  for await (
    const { events, notice } of context.feed.watch(jobId, fromSequence, { signal, kinds, limits })
  ) {
    if (notice) await send(call, droppedMessage(jobId, notice), { signal });
    for (const event of pace.pick(events)) {
      const message = await eventMessage(context, jobId, event, maxImagePixels);
      await send(call, message, { signal });
      ending.sent(event.sequence);
    }
  }
}

/** Ends a stream when the server stops, but not before what has happened until then was sent. */
class Ending implements Disposable {
  /** Aborted when it is time to end. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #finishing: AbortSignal;
  readonly #begin: () => void;
  #sent: number;
  #last: number | undefined;

  constructor({ store }: ServerContext, scope: CallScope, jobId: string, sent: number) {
    this.#sent = sent;
    this.#finishing = scope.finishing;
    this.signal = AbortSignal.any([scope.signal, this.#controller.signal]);
    this.#begin = () => {
      void store.jobs.get(jobId).then(
        ({ lastSequence }) => this.#last = lastSequence,
        () => this.#last = 0, // nothing more to wait for
      ).then(() => this.sent(this.#sent));
    };
    if (scope.finishing.aborted) this.#begin();
    else scope.finishing.addEventListener("abort", this.#begin, { once: true });
  }

  /** Notes that the watcher has everything up to this event. */
  sent(sequence: number): void {
    this.#sent = sequence;
    if (this.#last === undefined || sequence < this.#last) return;
    this.#controller.abort(this.#finishing.reason);
  }

  [Symbol.dispose](): void {
    this.#finishing.removeEventListener("abort", this.#begin);
  }
}

function checkRequest(
  request: StreamMetricsRequest__Output,
): { kinds: EventKind[] | undefined; minIntervalMs: number } {
  const { jobId, fromSequence, maxImagePixels } = request;
  const violations = new Violations();
  violations.required(jobId, "jobId");
  violations.range(fromSequence, "fromSequence", [0, Number.MAX_SAFE_INTEGER]);
  if (maxImagePixels !== 0) {
    violations.range(maxImagePixels, "maxImagePixels", [1024, Number.MAX_SAFE_INTEGER], "pixels");
  }
  const minIntervalMs = durationMsOf(request.minInterval) ?? 0;
  violations.range(minIntervalMs / 1000, "minInterval", [0, 3600], "seconds");
  const words = request.kinds.map((name) => wordOf("EVENT_KIND_", name)?.toLowerCase());
  const kinds = eventKinds.filter((kind) => words.includes(kind));
  violations.check(
    kinds.length === words.length,
    "kinds",
    `must be of ${eventKinds.join(", ")}, each at most once`,
  );
  violations.refuse();
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

async function eventMessage(
  context: ServerContext,
  jobId: string,
  event: JobEvent,
  maxImagePixels: number,
): Promise<StreamMetricsResponse> {
  const { sequence, timeMs, attempt, kind, payload } = event;
  const head = { jobId, sequence, attempt, time: timestampOf(timeMs) };
  switch (kind) {
    case "state":
      return { ...head, state: stateMessage(payload) };
    case "sample":
      // Payloads are messages as JSON, see Supervisor.
      return {
        ...head,
        sample: await sampleMessage(
          context,
          payload as unknown as SampleFile__Output,
          maxImagePixels,
        ),
      };
    case "checkpoint": {
      const { step, epoch, sizeBytes, best } = payload as unknown as SavedCheckpoint__Output;
      const createTime = head.time;
      return { ...head, checkpoint: { jobId, step, epoch, sizeBytes, best, createTime } };
    }
    default:
      return { ...head, [kind]: payload };
  }
}

async function sampleMessage(
  { dataFolder }: ServerContext,
  payload: SampleFile__Output,
  maxImagePixels: number,
): Promise<SampleEvent> {
  const { step, path, format, width, height, photos, measures } = payload;
  const sample = { step, originalWidth: width, originalHeight: height, photos, measures };
  const file = await readFile(join(dataFolder, path)).catch(() => undefined);
  if (file === undefined) return { ...sample, format, width, height };
  const limits = {
    maxPixels: maxImagePixels === 0 ? Infinity : maxImagePixels,
    maxBytes: maxSampleBytes,
  };
  const picture = await fitPicture({ file, width, height }, limits);
  const { width: shownWidth, height: shownHeight } = picture;
  return { ...sample, format, image: picture.file, width: shownWidth, height: shownHeight };
}
