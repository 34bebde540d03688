import type {
  ColorizeCall,
  ColorizedPhoto,
  ColorizeSettings,
  Colorizing,
} from "../../src/colorizing/colorizing.ts";
import type { ModelSource, ResolvedModel } from "../../src/colorizing/model_reference.ts";
import type { Store } from "../../src/jobs/store.ts";

/** Colorizing without a worker: answers photos as it is told to. */
export class StoreColorizing implements Colorizing {
  readonly #store: Store;
  /** What a photo becomes: itself, by default. */
  paint: (
    photo: Uint8Array,
    settings: ColorizeSettings,
    signal?: AbortSignal,
  ) => Promise<Uint8Array> = (photo) => Promise.resolve(photo);
  /** Folders of models that were to be loaded. */
  readonly preloaded = new Set<string>();
  /** Videos of which no frame comes any more. */
  readonly endedVideos = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  async colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    { signal }: ColorizeCall = {},
  ): Promise<ColorizedPhoto> {
    return {
      image: Uint8Array.from(await this.paint(photo, settings, signal)), // the photo's memory goes
      format: "IMAGE_FORMAT_PNG",
      width: 2,
      height: 1,
      pagesLeftOut: 0,
      colors: null,
      startsShot: false,
      model: await this.#findModel(settings.model),
      weights: settings.model.weights ?? "ema",
      device: "cpu",
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

  preload(folder: string): Promise<Disposable> {
    this.preloaded.add(folder);
    return Promise.resolve({ [Symbol.dispose]: () => {} });
  }

  isLoaded(folder: string): boolean {
    return this.preloaded.has(folder);
  }

  unload(folder: string): void {
    this.preloaded.delete(folder);
  }

  workers() {
    return [{ index: 0, device: "cpu", photos: 2, models: this.preloaded.size }];
  }

  endVideo(videoId: string): void {
    this.endedVideos.add(videoId);
  }

  async #findModel(model: ModelSource): Promise<ResolvedModel> {
    if ("jobId" in model) {
      await this.#store.jobs.get(model.jobId);
      return { jobId: model.jobId, step: 7, folder: "" };
    }
    const { name, version } = await this.#store.models.get(model.name, model.version);
    return { name, version, folder: "" };
  }
}
