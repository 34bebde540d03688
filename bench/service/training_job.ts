import { once } from "node:events";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { ask, type BenchServer, datasetName } from "./bench_server.ts";

/** Submits a job on the bench's scenes. @returns its id. */
export async function submit(server: BenchServer, config: TrainingConfig): Promise<string> {
  const client = server.connect("tinct.v1.ColorizationService");
  const { job } = await ask<TrainResponse__Output>((answer) =>
    client.train({ dataset: datasetName, config }, answer)
  );
  if (job === null) throw new TypeError("An answer without a job.");
  return job.jobId;
}

/** Takes an event when it arrives, with the time, by the clock of the machine. */
export type EventListener = (event: StreamMetricsResponse__Output, arrivedMs: number) => void;

/**
 * Watches a job from its first event to its last, over a connection of its own.
 *
 * @throws where the job ends otherwise than it should.
 */
export async function watchToEnd(
  server: BenchServer,
  jobId: string,
  onEvent: EventListener = () => {},
  end = "JOB_STATE_SUCCEEDED",
): Promise<void> {
  const client = server.connect("tinct.v1.ColorizationService", { own: true });
  const call = client.streamMetrics({ jobId });
  let last: StreamMetricsResponse__Output | undefined;
  call.on("data", (event: StreamMetricsResponse__Output) => {
    onEvent(event, Date.now());
    last = event;
  });
  await once(call, "end");
  if (last?.state?.to === end) return;
  throw new Error(`The job ended with ${last?.state?.to}: ${last?.state?.message}`);
}
