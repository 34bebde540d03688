import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import { integer } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import type { StreamMetricsResponse__Output } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import { memberOf } from "../protocol/one_of.ts";
import { receive } from "../protocol/receive.ts";
import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { serverOptions, ServiceClient } from "./service_client.ts";
import { WatchView } from "./watch_view.ts";

export const command = defineCommand({
  description: [
    "Shows losses as they come, and everything else that happens, until the job is over. When the",
    "connection is lost it connects again and goes on where it was. Ctrl-C stops watching; the job",
    "goes on. Exit code 1: the job failed.",
  ].join("\n"),
  options: {
    ...serverOptions,
    from: integer(1, [1, 1e9], "number of the first event"),
    samples: text("DIR", "save sample pictures in this folder"),
    retries: integer(30, [0, 1e6], "times to connect again without an event in between"),
  },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { signal, environment }) {
    const { from, samples, retries } = options;
    using client = new ServiceClient(options, environment);
    using view = new WatchView(process.stdout);
    if (samples !== undefined) await mkdir(samples, { recursive: true });
    let next = from;
    for (let attempt = 0;;) {
      const call = client.colorization.streamMetrics({ jobId, fromSequence: next });
      try {
        for await (const message of receive(call, { signal })) {
          attempt = 0;
          next = message.sequence + 1;
          view.show(message);
          if (samples !== undefined) await saveSample(samples, message, view);
        }
        return view.lastState === "FAILED" ? 1 : 0;
      } catch (error) {
        const known = client.asTinctError(error);
        if (signal.aborted || !isPassing(known) || attempt >= retries) throw known;
        attempt++;
        view.say(`The connection was lost (${known.message}); connecting again.`);
        await pause(Math.min(5000, 250 * 2 ** Math.min(attempt, 5)), undefined, { signal });
      } finally {
        call.cancel();
        call.on("error", () => {}); // the cancellation that has just been asked for
      }
    }
  },
});

function isPassing(error: unknown): error is TinctError {
  return error instanceof TinctError &&
    ["unavailable", "resource_exhausted", "deadline_exceeded"].includes(error.code);
}

async function saveSample(
  folder: string,
  message: StreamMetricsResponse__Output,
  view: WatchView,
): Promise<void> {
  const event = memberOf(message, "event");
  if (event?.kind !== "sample" || event.value.image.length === 0) return;
  const { step, format, image } = event.value;
  const ending = String(format).replace("IMAGE_FORMAT_", "").toLowerCase();
  const path = join(folder, `step-${String(step).padStart(8, "0")}.${ending}`);
  await writeFileAtomically(path, image);
  view.say(`Saved ${path}`);
}
