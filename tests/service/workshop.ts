import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workerVariables } from "../../src/config.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { EventFeed } from "../../src/jobs/event_feed.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import type { Job } from "../../src/jobs/job.ts";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import type { Store } from "../../src/jobs/store.ts";
import type { Colorizing } from "../../src/colorizing/colorizing.ts";
import type { Workbench } from "../../src/fleet/workbench.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import { openWorkforce, type Workforce } from "../../src/workforce.ts";
import type { SupervisorLimits, WorkerLogLine } from "../../src/fleet/fleet_options.ts";
import type { SupervisorOptions } from "../../src/supervision/supervisor_options.ts";
import { version } from "../../src/version.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime } from "../in_time.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

/** So long a job may tell nothing. A worker that is silent is killed, and its job goes on, before. */
const QUIET_SECONDS = 180;

/** A training that is over in a second or two. */
export const smallConfig = {
  size: 32,
  nDown: 5,
  ngf: 4,
  ndf: 4,
  nLayers: 1,
  batchSize: 2,
  epochs: 1_000_000,
  maxSteps: 6,
  validationFraction: 0.25,
  validateEvery: 3,
  sampleEvery: 3,
  sampleCount: 2,
  checkpointEvery: 2,
};

/** One that goes on until it is stopped. */
export const endlessConfig = { ...smallConfig, maxSteps: 0, validateEvery: 0, sampleEvery: 0 };

/** A folder. */
type Place = Pick<TemporaryFolder, "path" | "join">;

/** A store, a dataset of eight scenes named "scenes", and a workforce with real workers. */
export class Workshop implements AsyncDisposable {
  readonly folder: Place;
  readonly store: Store;
  readonly feed: EventFeed;
  readonly workforce: Workforce;
  readonly log: WorkerLogLine[];

  private constructor(
    folder: Place,
    store: Store,
    workforce: Workforce,
    log: WorkerLogLine[],
  ) {
    this.folder = folder;
    this.store = store;
    this.feed = new EventFeed(store);
    this.workforce = workforce;
    this.log = log;
  }

  /** @param folder an earlier workshop's, to go on in; it stays its own. */
  static async open(
    limits: Partial<SupervisorLimits> = {},
    folder?: Place,
    options:
      & Partial<
        Pick<SupervisorOptions, "devices" | "colorizeDevice" | "colorizeDevices" | "datasetFolder">
      >
      & {
        /** Becomes the workshop's; by default one in SQLite. */
        readonly sharedStore?: Store;
      } = {},
  ): Promise<Workshop> {
    const place = folder ?? await TemporaryFolder.create();
    if (!folder) await paintScenes(place.join("scenes"), 8);
    const { sharedStore, ...rest } = options;
    const store = sharedStore ?? await openSqliteStore(place.join("tinct.db"));
    const log: WorkerLogLine[] = [];
    const workforce = await openWorkforce({
      store,
      dataFolder: place.path,
      libraryPath: libraryPath(),
      datasetFolder: (name) => Promise.resolve(place.join(name)),
      devices: [cpuDevice()],
      ...rest,
      threads: 1,
      programVersion: version,
      environment: workerVariables(),
      limits: { restartDelaysMs: [10], ...limits },
      log: (line) => void log.push(line),
    });
    return new Workshop(place, store, workforce, log);
  }

  get supervisor(): Supervisor {
    return this.workforce.supervisor;
  }
  get colorizing(): Colorizing {
    return this.workforce.colorizing;
  }
  get workbench(): Workbench {
    return this.workforce.workbench;
  }

  /** Submits a job and has it run. */
  async submit(id: string, config: Record<string, number | string> = smallConfig): Promise<Job> {
    const { job } = await this.store.jobs.create({ id, dataset: "scenes", config });
    this.supervisor.wake();
    return job;
  }

  /** The events of a job up to the first for which `isIt`, or its last one. */
  async eventsUntil(
    jobId: string,
    isIt: (event: JobEvent) => boolean,
    fromSequence = 1,
  ): Promise<JobEvent[]> {
    const seen: JobEvent[] = [];
    const watching = this.feed.watch(jobId, fromSequence);
    while (true) {
      const { done, value } = await inTime(
        watching.next(),
        `job ${jobId} tells of another event than the ${seen.length} so far`,
        QUIET_SECONDS,
      );
      if (done) return seen;
      for (const event of value.events) {
        seen.push(event);
        if (!isIt(event)) continue;
        await watching.return();
        return seen;
      }
    }
  }

  /** All events of a job until it is over. */
  async history(jobId: string): Promise<JobEvent[]> {
    return await this.eventsUntil(jobId, () => false);
  }

  /** Process id of the job's worker, as the log tells it. */
  workerPid(jobId?: string): number {
    const line = this.log.findLast((each) => each.jobId === jobId && each.fields?.["pid"]);
    return Number(line?.fields?.["pid"]);
  }

  /** Closes all but the folder, as a server that is killed would. */
  async close(): Promise<void> {
    this.feed[Symbol.dispose]();
    await this.workforce[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder.path, { recursive: true, force: true });
  }
}

/** The state changes of a history, as "RUNNING→PAUSING by pause_requested". */
export function changes(events: readonly JobEvent[]): string[] {
  return events.filter(({ kind }) => kind === "state").map(({ payload }) =>
    `${payload["from"]}→${payload["to"]} by ${payload["trigger"]}`
  );
}

/** Whether an event tells that a job has come to a state. */
export const isState = (state: string) => ({ kind, payload }: JobEvent) =>
  kind === "state" && payload["to"] === state;

/** Writes small scenes as photos into a folder, which it makes. */
export async function paintScenes(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const rgb = renderScene(index, { size: 32 });
    const photo = await encodePhoto({ width: 32, height: 32, rgb }, { format: "png" });
    await writeFile(join(folder, `scene-${index}.png`), photo);
  }
}

/** A photo of the test data. */
export async function readPhoto(name: string): Promise<Uint8Array> {
  return await readFile(new URL(`../testdata/photos/${name}`, import.meta.url));
}
