import { makeFolder } from "../files/make_folder.ts";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { integer } from "../config/option.ts";
import type { GetTrainingJobResponse__Output } from "../protocol/generated/tinct/v1/get_training_job_response.ts";
import type { StreamMetricsResponse__Output } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import { memberOf } from "../protocol/one_of.ts";
import { receive } from "../protocol/receive.ts";
import { text } from "../terminal/arguments.ts";
import { JsonView } from "./json_view.ts";
import { stateWord } from "./job_lines.ts";
import { stdout } from "../terminal/output/standard_streams.ts";
import { Reconnection } from "./reconnection.ts";
import type { ServiceClient } from "./service_client.ts";
import { WatchView } from "./watch_view.ts";

/** The options of every command that watches a job. */
export const watchOptions = {
  samples: text("DIR", "save sample pictures in this folder"),
  retries: integer(30, [0, 1e6], "reconnections in a row without a new event before giving up"),
} as const;

/** How a job is watched. */
interface Watching {
  readonly jobId: string;
  /** Number of the first event. */
  readonly from: number;
  /** Where sample pictures are saved; undefined: nowhere. */
  readonly samples: string | undefined;
  readonly retries: number;
  /** Print events as JSON lines. */
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Shows a job's events on stdout until it is over; after a lost connection it goes on where it was.
 *
 * @returns the exit code: 0 where the job succeeded, 1 where it failed or was cancelled.
 * @throws {TinctError} what ended the watching before.
 */
export async function watchJob(client: ServiceClient, watching: Watching): Promise<number> {
  const { jobId, from, samples, retries, json, signal } = watching;
  using view = json ? new JsonView(client) : new WatchView(stdout);
  if (samples !== undefined) await makeFolder(samples);
  const reconnection = new Reconnection({ retries, signal });
  for (let next = from;;) {
    const call = client.colorization.streamMetrics({ jobId, fromSequence: next });
    try {
      for await (const message of receive(call, { signal })) {
        reconnection.succeeded();
        next = message.sequence + 1;
        view.show(message);
        await stdout.written(signal); // the server thins out what a slow reader misses
        if (samples !== undefined) await saveSample(samples, message, view);
      }
      const state = view.lastState === "" ? await stateOf(client, jobId) : view.lastState;
      return ["FAILED", "CANCELLED"].includes(state) ? 1 : 0;
    } catch (error) {
      const known = signal.aborted ? error : await client.explain(error);
      await reconnection.pauseAfter(known, (why) => view.say(why));
    } finally {
      call.cancel();
      call.on("error", () => {}); // the cancellation that has just been asked for
    }
  }
}

/** Of a job whose watching began after its last event. */
async function stateOf(client: ServiceClient, jobId: string): Promise<string> {
  const { job } = await client.ask<GetTrainingJobResponse__Output>((answer) =>
    client.jobs.getTrainingJob({ jobId }, answer)
  );
  return job === null ? "" : stateWord(job);
}

async function saveSample(
  folder: string,
  message: StreamMetricsResponse__Output,
  view: { say(line: string): void },
): Promise<void> {
  const event = memberOf(message, "event");
  if (event?.kind !== "sample" || event.value.image.length === 0) return;
  const { step, format, image } = event.value;
  const ending = String(format).replace("IMAGE_FORMAT_", "").toLowerCase();
  const path = join(folder, `step-${String(step).padStart(8, "0")}.${ending}`);
  await writeFileAtomically(path, image);
  view.say(`Saved ${path}`);
}
