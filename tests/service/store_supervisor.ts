import { TinctError } from "../../src/errors.ts";
import type { ColorizedPhoto, ColorizeSettings } from "../../src/colorizing/colorizing.ts";
import type { ModelSource } from "../../src/colorizing/model_reference.ts";
import { scaleSheet } from "../../src/images/scale_sheet.ts";
import type { Picture, SheetToScale } from "../../src/fleet/sheet_scaler.ts";
import type { Store } from "../../src/jobs/store.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import type { ResourceReport__Output } from "../../src/protocol/generated/tinct/v1/resource_report.ts";
import type { DatasetReport__Output } from "../../src/protocol/generated/tinct/v1/dataset_report.ts";

/** A supervisor without workers: moves jobs in the store, and answers photos as it is told to. */
export class StoreSupervisor implements Supervisor {
  readonly #store: Store;
  /** What a photo becomes: itself, by default. */
  paint: (
    photo: Uint8Array,
    settings: ColorizeSettings,
    signal?: AbortSignal,
  ) => Promise<Uint8Array> = (photo) => Promise.resolve(photo);
  usablePhotos = 64;
  /** Folders of models that were to be loaded. */
  readonly preloaded = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  wake(): void {}

  cancel(jobId: string) {
    return this.#store.jobs.trigger(jobId, "cancel_requested");
  }

  pause(jobId: string) {
    return this.#store.jobs.trigger(jobId, "pause_requested");
  }

  resume(jobId: string, options: { maxQueued?: number } = {}) {
    return this.#store.jobs.trigger(jobId, "resume_requested", options);
  }

  async colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<ColorizedPhoto> {
    return {
      image: await this.paint(photo, settings, signal),
      format: "IMAGE_FORMAT_PNG",
      width: 2,
      height: 1,
      pagesLeftOut: 0,
      model: await this.findModel(settings.model),
      weights: settings.model.weights ?? "ema",
      timings: {
        queueMs: 1,
        waitingMs: 0.5,
        loadMs: 0.25,
        batchMs: 0.25,
        workerMs: 10,
        decodeMs: 2,
        modelMs: 3,
        encodeMs: 4,
        batchSize: 1,
      },
    };
  }

  async findModel(model: ModelSource) {
    if ("jobId" in model) {
      await this.#store.jobs.get(model.jobId);
      return { jobId: model.jobId, step: 7, folder: "" };
    }
    const { name, version } = await this.#store.models.get(model.name, model.version);
    return { name, version, folder: "" };
  }

  preload(folder: string): Promise<Disposable> {
    this.preloaded.add(folder);
    return Promise.resolve({ [Symbol.dispose]: () => {} });
  }

  isLoaded(folder: string): boolean {
    return this.preloaded.has(folder);
  }

  inspect(): Promise<DatasetReport__Output> {
    return Promise.resolve({
      photos: this.usablePhotos,
      usablePhotos: this.usablePhotos,
      grayPhotos: 0,
      brokenPhotos: 0,
      sizeBytes: 3,
      minSide: 16,
      maxSide: 32,
      problems: [],
      otherFormats: {},
      scanTime: { seconds: 1, nanos: 0 },
      sides: [],
      smallPhotos: 0,
      smallSide: 256,
      duplicatePhotos: 0,
      duplicates: [],
    });
  }

  measure(): Promise<ResourceReport__Output> {
    return Promise.reject(new TinctError("resource_exhausted", "Another measurement runs."));
  }

  scaleSheet({ path, ...limits }: SheetToScale): Promise<Picture> {
    return scaleSheet(path, limits);
  }

  devices() {
    return [{
      name: "cpu",
      kind: "cpu" as const,
      description: "",
      memoryBytes: 0,
      jobId: undefined,
    }];
  }

  async drain(): Promise<void> {
    await this.#store.jobs.recover();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** An error that nobody foresaw. */
export function unforeseen(): Error {
  return new Error("a secret of the server", { cause: new TinctError("internal", "deeper") });
}
