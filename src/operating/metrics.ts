import { status as codes } from "@grpc/grpc-js";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ColorizedPhoto, Colorizing } from "../colorizing/colorizing.ts";
import type { SlotStatus } from "../fleet/device_slots.ts";
import type { WorkerPlace } from "../fleet/worker_place.ts";
import type { Store } from "../jobs/store.ts";
import type { CallProtocol } from "../protocol/call_protocol.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import { readJobs } from "./read_jobs.ts";

/** Bounds of durations, in seconds: from a call that reads a row to one that loads a model. */
const durationBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What Prometheus is told, by the naming rules of its documentation. Calls and photos are counted as
 * they happen; what jobs do is read from the store when somebody asks, and costs nothing in between.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<"method" | "code" | "protocol">;
  readonly #callSeconds: Histogram<"method" | "protocol">;
  readonly #photoSeconds: Histogram<"part">;
  readonly #batchSize: Histogram;
  readonly #photosWaiting: Gauge;
  #workers: Colorizing["workers"] = () => [];
  #text: Promise<string> | undefined;

  /**
   * @param store is read at every scrape; used, not owned.
   * @param place where the supervisor's devices are.
   */
  constructor(
    store: Store,
    supervisor: Pick<Supervisor, "devices">,
    place: Pick<WorkerPlace, "memoryInUse">,
  ) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#calls = new Counter({
      name: "tinct_calls_total",
      help: "Calls that ended, by method, status code and protocol: grpc, grpc_web, connect",
      labelNames: ["method", "code", "protocol"],
      registers,
    });
    this.#callSeconds = new Histogram({
      name: "tinct_call_duration_seconds",
      help: "Duration of unary calls, by method and protocol",
      labelNames: ["method", "protocol"],
      buckets: durationBuckets,
      registers,
    });
    this.#photoSeconds = new Histogram({
      name: "tinct_colorize_duration_seconds",
      help: "Where the time of colorized photos went: queue, decode, model, encode, total",
      labelNames: ["part"],
      buckets: durationBuckets,
      registers,
    });
    this.#batchSize = new Histogram({
      name: "tinct_colorize_batch_size",
      help: "Photos that shared a pass through the model",
      buckets: [1, 2, 4, 8, 16, 32],
      registers,
    });
    this.#photosWaiting = new Gauge({
      name: "tinct_colorize_photos_in_work",
      help: "Photos that wait to be colorized or are being so",
      registers,
    });
    this.#addColorizing();
    this.#addJobs(store);
    this.#addDevices(supervisor, place);
  }

  /** The type of `text`'s result. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus's text format. Scrapes at the same time share one reading. */
  text(): Promise<string> {
    this.#text ??= this.#registry.metrics().finally(() => this.#text = undefined);
    return this.#text;
  }

  /**
   * Counts a call that ended.
   *
   * @param call its path is such as "/tinct.v1.ColorizationService/Train", its duration undefined for
   *   streams, whose length says nothing.
   */
  countCall({ protocol, path, code, durationMs }: {
    readonly protocol: CallProtocol;
    readonly path: string;
    readonly code: number;
    readonly durationMs?: number | undefined;
  }): void {
    const method = path.slice(1);
    this.#calls.inc({ method, code: codes[code] ?? `${code}`, protocol });
    if (durationMs === undefined) return;
    this.#callSeconds.observe({ method, protocol }, durationMs / 1000);
  }

  /** The same, whose photos are counted. */
  counted(colorizing: Colorizing): Colorizing {
    this.#workers = () => colorizing.workers();
    return {
      colorize: async (photo, settings, call) => {
        this.#photosWaiting.inc();
        const startedMs = performance.now();
        try {
          const made = await colorizing.colorize(photo, settings, call);
          this.#countPhoto(made, performance.now() - startedMs);
          return made;
        } finally {
          this.#photosWaiting.dec();
        }
      },
      preload: (folder) => colorizing.preload(folder),
      isLoaded: (folder) => colorizing.isLoaded(folder),
      unload: (folder) => colorizing.unload(folder),
      workers: () => colorizing.workers(),
      endVideo: (videoId) => colorizing.endVideo(videoId),
    };
  }

  #countPhoto({ timings }: ColorizedPhoto, totalMs: number): void {
    const { queueMs, decodeMs, modelMs, encodeMs, batchSize } = timings;
    const parts = { queue: queueMs, decode: decodeMs, model: modelMs, encode: encodeMs };
    for (const [part, ms] of Object.entries({ ...parts, total: totalMs })) {
      this.#photoSeconds.observe({ part }, ms / 1000);
    }
    this.#batchSize.observe(batchSize);
  }

  /** Adds a gauge whose samples are asked for at each scrape: no others are left from the one before. */
  #addWatched<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    samples: () => readonly (readonly [labels: Record<Label, string>, value: number])[],
  ): void {
    this.#registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        collect() {
          this.reset();
          for (const [labels, value] of samples()) this.set(labels, value);
        },
      }),
    );
  }

  #addColorizing(): void {
    const add = (what: "photos" | "models", help: string) =>
      this.#addWatched(
        `tinct_colorize_worker_${what}`,
        help,
        ["worker", "device"],
        () =>
          this.#workers().map((worker) => [
            { worker: `${worker.index}`, device: worker.device },
            worker[what],
          ]),
      );
    add(
      "photos",
      "Photos that each worker has, of those in work; a missing worker was not started",
    );
    add("models", "Models that each worker has in memory or loads");
  }

  #addJobs(store: Store): void {
    const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Gauge({
        name: `tinct_${name}`,
        help,
        labelNames,
        registers: [this.#registry],
        collect: () => shared(),
      });
    // A scrape asks all of them at once; one reading of the store serves them.
    let reading: Promise<void> | undefined;
    const shared = () => {
      reading ??= collect().finally(() => reading = undefined);
      return reading;
    };
    const jobs = gauge("jobs", "Jobs by state; QUEUED is the length of the queue", ["state"]);
    const perJob = {
      step: gauge("job_step", "Training steps done, of jobs that hold a device", ["job_id"]),
      epoch: gauge("job_epoch", "Passes over the training photos done", ["job_id"]),
      imagesPerSecond: gauge("job_images_per_second", "Training photos a second", ["job_id"]),
      timeLeftSeconds: gauge("job_time_left_seconds", "Until the job's end, as it goes", [
        "job_id",
      ]),
      restarts: gauge("job_worker_restarts", "Workers that were lost and replaced", ["job_id"]),
      residentBytes: gauge("job_worker_resident_bytes", "Memory of the job's worker", ["job_id"]),
    };
    const losses = gauge("job_loss", "The newest losses, by the field's names", ["job_id", "loss"]);
    const rates = gauge("job_learning_rate", "The newest learning rates", ["job_id", "network"]);
    const validation = gauge("job_validation", "The newest validation, by its measures", [
      "job_id",
      "measure",
    ]);
    const all = [jobs, ...Object.values(perJob), losses, rates, validation];
    const collect = async () => {
      const { states, running } = await readJobs(store);
      for (const each of all) each.reset();
      for (const [state, count] of states) jobs.set({ state }, count);
      for (const job of running) {
        // Not "job": Prometheus gives every sample a label of that name itself.
        const labels = { job_id: job.id };
        for (const [name, metric] of Object.entries(perJob)) {
          const value = job[name as keyof typeof perJob];
          if (value !== undefined) metric.set(labels, value);
        }
        for (const [loss, value] of job.losses) losses.set({ ...labels, loss }, value);
        for (const [network, value] of job.rates) rates.set({ ...labels, network }, value);
        for (const [measure, value] of job.measures) validation.set({ ...labels, measure }, value);
      }
    };
    new Gauge({
      name: "tinct_up",
      help: "1 while the server answers",
      registers: [this.#registry],
    }).set(1);
  }

  #addDevices(
    supervisor: Pick<Supervisor, "devices">,
    place: Pick<WorkerPlace, "memoryInUse">,
  ): void {
    const add = (name: string, help: string, valueOf: (device: SlotStatus) => number) =>
      this.#addWatched(
        `tinct_device_${name}`,
        help,
        ["device", "kind"],
        () =>
          supervisor.devices().map((device) => [
            { device: device.name, kind: device.kind },
            valueOf(device),
          ]),
      );
    add(
      "busy",
      "1 where a job holds the device, 0 where none does",
      ({ jobId }) => jobId === undefined ? 0 : 1,
    );
    add("memory_bytes", "Memory of the device, all of it", ({ memoryBytes }) => memoryBytes);
    this.#registry.registerMetric(
      new Gauge({
        name: "tinct_device_memory_used_bytes",
        help: "Memory of the device in use, by whatever program",
        labelNames: ["device", "kind"],
        registers: [],
        async collect() {
          this.reset();
          for (const [{ name, kind }, bytes] of await place.memoryInUse(supervisor.devices())) {
            this.set({ device: name, kind }, bytes);
          }
        },
      }),
    );
  }
}
