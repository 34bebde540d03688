import { join } from "node:path";
import { workerVariables } from "../../src/config.ts";
import type { ServiceSettings } from "../../src/config/service.ts";
import { groupDevices } from "../../src/fleet/device_slots.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import type { SupervisorLimits, WorkerLogLine } from "../../src/fleet/fleet_options.ts";
import type { StreamMetricsRequest } from "../../src/protocol/generated/tinct/v1/stream_metrics_request.ts";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { openDatasetFolders } from "../../src/server/server.ts";
import { openWorkforce } from "../../src/workforce.ts";
import { version } from "../../src/version.ts";
import type { Pages } from "../../src/web_door/pages.ts";
import { inTime } from "../in_time.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { answer, Scene } from "./scene.ts";
import { endlessConfig, paintScenes } from "./workshop.ts";

/** What differs from an ordinary server. */
export interface WorkingOptions {
  readonly settings?: Partial<ServiceSettings>;
  readonly limits?: Partial<SupervisorLimits>;
  /** What browsers are shown; without them there is no door for browsers. */
  readonly pages?: Pages;
  /** Added to what workers get of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A real server with real workers, and a dataset of eight scenes named "scenes". */
export interface WorkingScene extends AsyncDisposable {
  readonly scene: Scene;
  /** What the workforce logged. */
  readonly log: readonly WorkerLogLine[];
  /** Process id of a job's newest worker; of the one that colorizes, where no job is named. */
  workerPid(jobId?: string): number;
  /** Submits a job; endless where the configuration says nothing else. */
  train(config?: TrainingConfig): Promise<string>;
}

/** Opens a server on a data folder of its own. */
export async function openWorkingScene(options: WorkingOptions = {}): Promise<WorkingScene> {
  const log: WorkerLogLine[] = [];
  const scene = await Scene.open(options.settings, async (store, dataFolder) => {
    await paintScenes(join(dataFolder, "photos", "scenes"), 8);
    const datasets = await openDatasetFolders(store, dataFolder);
    return await openWorkforce({
      store,
      dataFolder,
      libraryPath: libraryPath(),
      datasetFolder: (name) => datasets.folderOf(name),
      devices: groupDevices([cpuDevice()], options.settings?.replicas ?? 1),
      threads: 1,
      programVersion: version,
      environment: { ...workerVariables(), ...options.environment },
      limits: { restartDelaysMs: [10], ...options.limits },
      log: (line) => void log.push(line),
    });
  }, options.pages && { pages: options.pages });
  return {
    scene,
    log,
    workerPid: (jobId) => {
      const purpose = jobId === undefined ? "colorize" : "train";
      const line = log.findLast((each) =>
        each.jobId === jobId && each.message === `A worker to ${purpose} starts.`
      );
      return Number(line?.fields?.["pid"]);
    },
    train: async (config = endlessConfig) => {
      const { job } = await answer<TrainResponse__Output>((back) =>
        scene.colorization.train({ dataset: "scenes", config }, back)
      );
      return job?.jobId ?? "";
    },
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

/** An event of a stream. */
export type Event = StreamMetricsResponse__Output;

/** So long a job may tell nothing. A worker that is silent is killed, and its job goes on, before. */
const QUIET_SECONDS = 180;

/**
 * Watches a job up to the first event for which `isIt`, or to the end of the stream.
 *
 * @param seen takes each event as it comes.
 */
export async function watchUntil(
  { colorization }: Pick<Scene, "colorization">,
  request: StreamMetricsRequest,
  isIt: (event: Event) => boolean,
  seen: Event[] = [],
): Promise<Event[]> {
  const call = colorization.streamMetrics(request);
  call.on("error", () => {}); // `receive` tells of it, and the cancellation below is ours
  try {
    const events = receive(call);
    while (true) {
      const last = JSON.stringify(seen.at(-1)?.state ?? seen.at(-1)?.sequence);
      const { done, value } = await inTime(
        events.next(),
        `job ${request.jobId} tells of another event than its ${seen.length}th, ${last}`,
        QUIET_SECONDS,
      );
      if (done) return seen;
      seen.push(value);
      if (!isIt(value)) continue;
      await events.return();
      return seen;
    }
  } finally {
    call.cancel();
  }
}

/** "RUNNING" of an event that tells of this state, undefined of others. */
export function stateOf({ state }: Event): string | undefined {
  return state?.to.replace("JOB_STATE_", "");
}

/** The changes of state, as "RUNNING→PAUSING by PAUSE_REQUESTED". */
export function changesOf(events: readonly Event[]): string[] {
  return events.flatMap(({ state }) => {
    if (!state) return [];
    const word = (name: string) => name.replace(/^JOB_(?:STATE|TRIGGER)_/, "");
    return [`${word(state.from)}→${word(state.to)} by ${word(state.trigger)}`];
  });
}

/** Steps that were done before those that a losses event tells of. */
export function stepsBefore({ losses }: Event): number {
  return Number(losses?.step) - Number(losses?.steps);
}
