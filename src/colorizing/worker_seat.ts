import { performance } from "node:perf_hooks";
import { messageOf } from "../errors.ts";
import type { FleetSetting } from "../fleet/worker_environment.ts";
import { InferenceWorker, type WorkerPlacing } from "./inference_worker.ts";

/** How many times its processor time work on a photo may take by the clock. */
const CLOCK_FACTOR = 6;

/** Who sits there is told of what happens. */
interface SeatListener {
  /** Photos may come, or a worker has ended: what waits is to be looked at. */
  readonly onChange: () => void;
  /** Its worker could not even start. */
  readonly onFailedStart: (error: unknown) => void;
}

/** Where one worker colorizes, replaced by another where it ends or has to go. */
export class WorkerSeat {
  readonly placing: WorkerPlacing;
  readonly #setting: FleetSetting;
  readonly #listener: SeatListener;
  /** Workers that finish what they have; another one takes the photos. */
  readonly #leaving = new Set<InferenceWorker>();
  #worker: InferenceWorker | undefined;
  /** Is to take over from the worker as soon as it is ready. */
  #successor: InferenceWorker | undefined;
  #maxPhotos = 0;
  #failedStarts = 0;
  #restsUntilMs = -Infinity;
  #isClosed = false;

  constructor(setting: FleetSetting, placing: WorkerPlacing, listener: SeatListener) {
    this.#setting = setting;
    this.placing = placing;
    this.#listener = listener;
  }

  /** The worker that photos go to, which may not be ready; undefined: none was started. */
  get worker(): InferenceWorker | undefined {
    return this.#worker;
  }

  /** Photos that the worker may have; 0 while it is not ready. */
  get maxPhotos(): number {
    return this.#maxPhotos;
  }

  /** Whether a worker that could not start shows that another one would do no better now. */
  get isResting(): boolean {
    return performance.now() < this.#restsUntilMs;
  }

  /** All of its workers that have not ended. */
  workers(): InferenceWorker[] {
    return [this.#worker, this.#successor, ...this.#leaving].filter((each) => each !== undefined);
  }

  /** The worker, started if there is none. */
  start(): InferenceWorker {
    if (this.#worker) return this.#worker;
    const worker = new InferenceWorker(this.#setting, this.placing);
    this.#worker = worker;
    worker.ready.then(
      (maxPhotos) => {
        if (this.#worker !== worker) return;
        this.#failedStarts = 0;
        this.#maxPhotos = maxPhotos;
        this.#listener.onChange();
      },
      (error) => {
        const delays = this.#setting.limits.restartDelaysMs;
        const delayMs = delays[Math.min(this.#failedStarts++, delays.length - 1)] ?? 0;
        this.#restsUntilMs = performance.now() + delayMs;
        this.#listener.onFailedStart(error);
      },
    );
    this.#watch(worker);
    return worker;
  }

  /** Lets its workers finish what they have, and end; starts no other by itself. */
  async stop(graceMs: number): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.workers().map((worker) => worker.stop(graceMs)));
  }

  /** Ends its workers at once. */
  async kill(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.workers().map((worker) => worker.kill("the server ended")));
  }

  /** From now on none takes over from another. */
  close(): void {
    this.#isClosed = true;
  }

  /** Follows a worker to its end. */
  #watch(worker: InferenceWorker): void {
    void worker.ended.then(() => {
      this.#leaving.delete(worker);
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#maxPhotos = 0;
      this.#listener.onChange();
    });
    void worker.spent.then(() => this.#replace(worker));
  }

  /**
   * Has another worker take over, with the same models: photos go to the old one until it is ready,
   * and the old one ends when it has finished those. Never rejects.
   */
  async #replace(worker: InferenceWorker): Promise<void> {
    if (this.#worker !== worker || this.#successor || this.#isClosed) return;
    const message =
      "The worker that colorizes has work left that nobody waits for; another takes " +
      "over.";
    this.#setting.log({ level: "warning", message, fields: { workerName: worker.name } });
    worker.leaveBudget();
    const successor = new InferenceWorker(this.#setting, this.placing);
    this.#successor = successor;
    try {
      const maxPhotos = await successor.ready;
      await successor.loadThoseOf(worker);
      if (this.#isClosed) return;
      // The old one may have died meanwhile, and photos that wait may have had a third one started.
      if (this.#worker !== undefined && this.#worker !== worker) return await successor.stop(0);
      if (this.#worker === worker) this.#retire(worker);
      this.#worker = successor;
      this.#maxPhotos = maxPhotos;
      this.#watch(successor);
    } catch (error) {
      // It was lost; the old one goes on, and one that has none left begins anew.
      const message = `No other worker could take over: ${messageOf(error)}`;
      this.#setting.log({ level: "warning", message });
    } finally {
      this.#successor = undefined;
      if (this.#isClosed) await successor.kill("the server ended");
      else this.#listener.onChange();
    }
  }

  /** Lets a worker finish what it has, and end. */
  #retire(worker: InferenceWorker): void {
    const { maxDecodeMs, maxEncodeMs } = this.#setting.limits;
    this.#leaving.add(worker);
    void worker.stop(CLOCK_FACTOR * (maxDecodeMs + maxEncodeMs));
  }
}
