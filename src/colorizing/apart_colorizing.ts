import { availableParallelism } from "node:os";
import { isImportedPath } from "../files/data_folder.ts";
import type { FleetSetting } from "../fleet/worker_environment.ts";
import { ColorizeQueue } from "./colorize_queue.ts";
import type {
  ColorizeCall,
  ColorizedPhoto,
  ColorizeSettings,
  Colorizing,
  ColorizingWorker,
} from "./colorizing.ts";
import type { ModelSource, ResolvedModel } from "./model_reference.ts";
import { WorkMemory } from "../work_memory.ts";

/**
 * Two queues, each with workers of its own: one for models that were trained here, one for imported networks, which
 * can be of any size and die of it. So no photo of the first waits for the second, or is lost with it.
 * The worker for imports starts with its first photo. Both queues share one limit.
 */
export class ApartColorizing implements Colorizing {
  readonly #findModel: (source: ModelSource) => Promise<ResolvedModel>;
  readonly #trained: ColorizeQueue;
  readonly #imported: ColorizeQueue;

  /** @param findModel what a reference to a model comes to; anew for each photo. */
  constructor(setting: FleetSetting, findModel: (source: ModelSource) => Promise<ResolvedModel>) {
    this.#findModel = findModel;
    const { options: { colorizeDevice = "cpu", colorizeDevices }, limits } = setting;
    const devices = colorizeDevices ?? [colorizeDevice];
    // One worker counts by itself what its photos take; several share what there is.
    const memory = devices.length === 1 ? undefined : new WorkMemory({
      memoryBytes: limits.maxWorkBytes,
      maxLarge: Math.max(1, Math.floor(availableParallelism() / 2)),
    });
    this.#trained = new ColorizeQueue(setting, findModel, {
      beside: () => this.#imported.load,
      devices,
      memory,
    });
    this.#imported = new ColorizeQueue(setting, findModel, {
      beside: () => this.#trained.load,
      devices: devices.slice(0, 1),
      memory,
    });
  }

  async colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    call: ColorizeCall = {},
  ): Promise<ColorizedPhoto> {
    call.signal?.throwIfAborted();
    const { model } = settings;
    // A job's checkpoints were trained here.
    if ("jobId" in model) return await this.#trained.colorize(photo, settings, call);
    const found = await this.#findModel(model);
    // Who waits in one queue does not wake up in the other because the name means another version then.
    const version = "version" in found ? found.version : model.version;
    const settled = { ...settings, model: { ...model, version } };
    return await this.#queueOf(found.folder).colorize(photo, settled, call, found);
  }

  async preload(folder: string): Promise<Disposable> {
    return await this.#queueOf(folder).preload(folder);
  }

  isLoaded(folder: string): boolean {
    return this.#queueOf(folder).isLoaded(folder);
  }

  unload(folder: string): void {
    this.#queueOf(folder).unload(folder);
  }

  endVideo(videoId: string): void {
    this.#trained.endVideo(videoId);
    this.#imported.endVideo(videoId);
  }

  workers(): ColorizingWorker[] {
    const trained = this.#trained.workers();
    const { seats } = this.#trained;
    // Places are counted on.
    const imported = this.#imported.workers()
      .map((each) => ({ ...each, index: each.index + seats }));
    return [...trained, ...imported];
  }

  /** See `ColorizeQueue.drain`. */
  async drain(timeoutMs: number): Promise<void> {
    await Promise.all([this.#trained.drain(timeoutMs), this.#imported.drain(timeoutMs)]);
  }

  /** See `ColorizeQueue.close`. */
  async close(): Promise<void> {
    await Promise.all([this.#trained.close(), this.#imported.close()]);
  }

  #queueOf(folder: string): ColorizeQueue {
    return isImportedPath(folder) ? this.#imported : this.#trained;
  }
}
