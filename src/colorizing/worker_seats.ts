import type { ColorizeTask } from "./colorize_task.ts";
import type { ColorizingWorker } from "./colorizing.ts";
import { nextInTurn } from "./fair_turns.ts";
import type { InferenceWorker, WorkerPlacing } from "./inference_worker.ts";
import { ModelBudget } from "./model_budget.ts";
import { type Candidate, inOrder, isSaturated, mayTake } from "./seat_choice.ts";
import { WorkerSeat } from "./worker_seat.ts";
import { type FleetSetting, threadsOf } from "../fleet/worker_environment.ts";
import { FrameTurns } from "../video/frame_turns.ts";

/** Files of photos that the workers have at a time, in bytes; a larger one its worker has alone. */
const MAX_WORKERS_BYTES = 128 * 1024 * 1024;

/** So many models are remembered by the folders that they were found in. */
const MAX_REMEMBERED = 1000;

/** Frames that come, with the order in which their worker gets them. */
interface Video {
  readonly turns: FrameTurns;
  /** Whose worker knows what came before. */
  readonly seat: WorkerSeat;
}

/** A seat whose worker takes photos. */
interface ReadySeat extends Candidate {
  readonly seat: WorkerSeat;
  readonly worker: InferenceWorker;
  readonly tasks: readonly ColorizeTask[];
}

/** A photo, and who gets it. */
interface Handout {
  readonly task: ColorizeTask;
  readonly seat: WorkerSeat;
  readonly worker: InferenceWorker;
}

/** Where the workers of a queue are. */
interface SeatsPlacing {
  /** The device of each worker, at least one. */
  readonly devices: readonly string[];
  /** See `WorkerPlacing`. */
  readonly memory?: WorkerPlacing["memory"];
}

/** Who hears of the seats. */
interface SeatsListener {
  /** Photos may be handed out, or a worker has ended. */
  readonly onChange: () => void;
  /** A worker could not even start: what waits for it would wait in vain. */
  readonly onFailedStart: (isWaitedForBy: (task: ColorizeTask) => boolean, error: unknown) => void;
}

/** The workers of a queue, and which of them gets which photo. */
export class WorkerSeats {
  readonly #seats: readonly WorkerSeat[];
  /** By the worker that has them. */
  readonly #inWork = new Map<ColorizeTask, InferenceWorker>();
  /** Those whose frames come. */
  readonly #videos = new Map<string, Video>();
  /** The folder that each model was found in last, by the key of tasks. */
  readonly #folders = new Map<string, string>();

  constructor(
    { options, limits, ...setting }: FleetSetting,
    { devices, memory }: SeatsPlacing,
    { onChange, onFailedStart }: SeatsListener,
  ) {
    const budgets = new Map(
      devices.map((device) => [device, new ModelBudget(limits.maxLoadedModels)]),
    );
    this.#seats = devices.map((device) => {
      // Those on the processors share them; who feeds a GPU has them beside others that do.
      const sharing = device === "cpu" ? devices.filter((each) => each === device).length : 1;
      const threads = threadsOf(options, sharing);
      const models = budgets.get(device)!;
      const placing = { device, threads, models, memory };
      const seat: WorkerSeat = new WorkerSeat({ options, limits, ...setting }, placing, {
        onChange,
        onFailedStart: (error) => onFailedStart((task) => this.#waitsFor(seat, task), error),
      });
      return seat;
    });
  }

  /** How many workers there may be. */
  get count(): number {
    return this.#seats.length;
  }

  /** The photos that workers have. */
  get tasks(): ColorizeTask[] {
    return [...this.#inWork.keys()];
  }

  /** See `Colorizing`. */
  workers(): ColorizingWorker[] {
    return this.#seats.flatMap(({ worker }, index) =>
      worker === undefined ? [] : {
        index,
        device: worker.device,
        photos: this.#tasksOf(worker).length,
        models: worker.modelCount,
      }
    );
  }

  /** See `Colorizing`. */
  isLoaded(folder: string): boolean {
    return this.#seats.some(({ worker }) => worker?.isLoaded(folder));
  }

  /** See `Colorizing`. */
  unload(folder: string): void {
    for (const { worker } of this.#seats) worker?.unload(folder);
  }

  /** See `Colorizing`. */
  endVideo(videoId: string): void {
    const video = this.#videos.get(videoId);
    this.#videos.delete(videoId);
    for (const worker of video?.seat.workers() ?? []) worker.endVideo(videoId);
  }

  /** The worker that is to load a model: who has it, or has the fewest; started where there is none. */
  loaderOf(folder: string): InferenceWorker {
    const started = this.#seats.flatMap(({ worker }) => worker ?? [])
      .toSorted((a, b) => a.modelCount - b.modelCount);
    return started.find((each) => each.isLoaded(folder)) ?? started[0] ?? this.#seats[0]!.start();
  }

  /** A worker has a photo from now on. @returns it has it no more. */
  begin({ task, worker }: Handout): () => void {
    this.#inWork.set(task, worker);
    return () => void this.#inWork.delete(task);
  }

  /** When a frame may go to its worker: models are found and loaded at paces of their own. */
  turnOf({ settings: { frame } }: ColorizeTask, seat: WorkerSeat) {
    if (frame?.videoId === undefined) return undefined;
    const video = this.#videos.get(frame.videoId) ?? { turns: new FrameTurns(), seat };
    this.#videos.set(frame.videoId, video);
    return video.turns.take();
  }

  /** Learns what a photo's model came to: its next photo goes where that is loaded. */
  remember({ modelKey }: ColorizeTask, folder: string): void {
    if (this.#seats.length === 1) return;
    this.#folders.delete(modelKey);
    this.#folders.set(modelKey, folder);
    if (this.#folders.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#folders.keys()) return void this.#folders.delete(oldest);
  }

  /** The photo whose turn it is, and who gets it. @param waiting the first that came first. */
  next(waiting: readonly ColorizeTask[]): Handout | undefined {
    if (waiting.length === 0) return undefined;
    const ready = this.#ready();
    if (this.#seats.length === 1) {
      const [only] = ready;
      const task = only && nextFor(only, waiting);
      return task && { ...only, task };
    }
    const holders = new Map<string, readonly ReadySeat[]>();
    for (const task of waiting) {
      if (holders.has(task.modelKey)) continue;
      holders.set(task.modelKey, ready.filter((each) => this.#hasModel(each, task)));
    }
    for (const each of inOrder(ready)) {
      const eligible = waiting.filter((task) => {
        const seat = this.#seatOf(task);
        return seat ? seat === each.seat : mayTake(each, holders.get(task.modelKey) ?? []);
      });
      const task = nextFor(each, eligible);
      if (task !== undefined) return { ...each, task };
    }
    return undefined;
  }

  /** Starts the workers that photos wait for, and one more where those that there are have enough. */
  startWanted(waiting: readonly ColorizeTask[], { mayGrow }: { readonly mayGrow: boolean }): void {
    let isWanted = false;
    for (const task of waiting) {
      const seat = this.#seatOf(task);
      if (seat) seat.start();
      else isWanted = true;
    }
    const idle = this.#seats.filter(({ worker }) => worker === undefined);
    const started = this.#seats.length - idle.length;
    if (started === 0) {
      if (isWanted) (idle.find(({ isResting }) => !isResting) ?? idle[0])?.start();
      return;
    }
    const ready = this.#ready();
    if (!mayGrow || ready.length < started || !ready.every(isSaturated)) return;
    idle.find(({ isResting }) => !isResting)?.start();
  }

  /** None takes over from another any more. */
  close(): void {
    for (const seat of this.#seats) seat.close();
  }

  /** Lets all finish what they have, and end. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.stop(graceMs)));
  }

  /** Ends all at once. */
  async kill(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.kill()));
  }

  /** Whether a photo waits in vain where a seat's worker cannot start. */
  #waitsFor(seat: WorkerSeat, task: ColorizeTask): boolean {
    const hasOthers = this.#seats.some((each) => each !== seat && each.worker !== undefined);
    return hasOthers ? this.#seatOf(task) === seat : true;
  }

  /** The one seat that a photo may go to; undefined: any. */
  #seatOf({ seat, settings: { frame } }: ColorizeTask): WorkerSeat | undefined {
    if (seat !== undefined || frame?.videoId === undefined) return seat;
    return this.#videos.get(frame.videoId)?.seat;
  }

  #hasModel({ tasks, worker }: ReadySeat, { modelKey, settings }: ColorizeTask): boolean {
    if (tasks.some((task) => task.modelKey === modelKey)) return true; // it may not be found yet
    const folder = this.#folders.get(modelKey);
    return folder !== undefined && worker.hasModel(folder, settings.model.weights);
  }

  /** The seats whose workers take photos, as they are now. */
  #ready(): ReadySeat[] {
    const maxBytes = MAX_WORKERS_BYTES / this.#seats.length;
    return this.#seats.flatMap((seat) => {
      const { worker, maxPhotos, placing } = seat;
      if (worker === undefined || maxPhotos === 0) return [];
      const tasks = this.#tasksOf(worker);
      return {
        seat,
        worker,
        tasks,
        photos: tasks.length,
        bytes: tasks.reduce((sum, { photo }) => sum + photo.byteLength, 0),
        maxPhotos,
        maxBytes,
        models: worker.modelCount,
        hasModelRoom: placing.models.hasRoom,
      };
    });
  }

  #tasksOf(worker: InferenceWorker): ColorizeTask[] {
    return this.tasks.filter((task) => this.#inWork.get(task) === worker);
  }
}

/** The photo whose turn it is at a worker. One that was there when one died is tried once more, alone. */
function nextFor(
  { tasks, maxPhotos, maxBytes }: ReadySeat,
  waiting: readonly ColorizeTask[],
): ColorizeTask | undefined {
  if (tasks.some(({ crashes }) => crashes > 0)) return undefined;
  const crashed = waiting.find(({ crashes }) => crashes > 0);
  if (crashed !== undefined) return tasks.length === 0 ? crashed : undefined;
  return nextInTurn(waiting, tasks, { photos: maxPhotos, bytes: maxBytes });
}
