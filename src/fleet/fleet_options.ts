import type { SlotDevice } from "./device_slots.ts";
import type { PhotoLimits } from "../protocol/photo_limits.ts";

/** One thing that happened, for the server's log. */
export interface WorkerLogLine {
  readonly level: "debug" | "info" | "warning" | "error";
  /** One sentence. */
  readonly message: string;
  /** The job that it concerns. */
  readonly jobId?: string | undefined;
  readonly fields?: Readonly<Record<string, string | number | undefined>>;
  /** What was thrown, where something was. */
  readonly error?: unknown;
}

/** Takes what happens; must not throw. */
export type WorkerLog = (line: WorkerLogLine) => void;

/** How far workers may go. */
export interface SupervisorLimits {
  /** Lost workers of a job after which it fails. */
  readonly maxLostWorkers: number;
  /** How long to wait before a lost worker is replaced: after the first loss, the second, … */
  readonly restartDelaysMs: readonly number[];
  /** How long a server's lease on its jobs lasts where several servers share a store. */
  readonly leaseMs: number;
  /** Without a sign of life for so long a worker is killed. */
  readonly heartbeatTimeoutMs: number;
  /** How often workers give signs of life. */
  readonly heartbeatIntervalMs: number;
  /** How long a worker may take from its start to its first word. */
  readonly startTimeoutMs: number;
  /** Within which time a cancelled worker that does not end is killed. */
  readonly cancelTimeoutMs: number;
  /** Within which time a pausing worker that does not end is killed. */
  readonly pauseTimeoutMs: number;
  /**
   * Most workers that look at whole datasets at a time, and most that look for a first usable photo;
   * each may take a few hundred MB.
   */
  readonly maxInspections: number;
  /** Most models that the inference worker holds. */
  readonly maxLoadedModels: number;
  /** Most photos that wait or are worked on. */
  readonly maxQueuedPhotos: number;
  /** Most bytes of photos that wait or are worked on. */
  readonly maxQueuedBytes: number;
  /** Most photos in one pass through a model. */
  readonly maxBatchSize: number;
  /** Most pixels of a photo. */
  readonly maxPhotoPixels: number;
  /** Longest side of a photo, in pixels. */
  readonly maxPhotoSide: number;
  /** Most processor time that decoding a photo may take. */
  readonly maxDecodeMs: number;
  /** Most processor time that encoding a result may take. */
  readonly maxEncodeMs: number;
  /** Most pixels of a result in AVIF. */
  readonly maxAvifPixels: number;
  /** Memory that photos in work may take together, in bytes. */
  readonly maxWorkBytes: number;
}

/** What the photos of a dataset may be, as far as it is bounded. */
export function datasetLimits(limits: SupervisorLimits): PhotoLimits {
  const { maxPhotoPixels: maxPixels, maxPhotoSide: maxSide, maxDecodeMs: decodeMs } = limits;
  return { maxPixels, maxSide, decodeMs };
}

/** What the server grants where its settings say nothing else. */
export const defaultSupervisorLimits: SupervisorLimits = {
  maxLostWorkers: 4,
  restartDelaysMs: [1000, 5000, 25_000],
  leaseMs: 60_000,
  heartbeatTimeoutMs: 30_000,
  heartbeatIntervalMs: 2000,
  startTimeoutMs: 60_000,
  cancelTimeoutMs: 60_000,
  pauseTimeoutMs: 300_000,
  maxInspections: 2,
  maxLoadedModels: 4,
  maxQueuedPhotos: 64,
  maxQueuedBytes: 512 * 1024 * 1024,
  maxBatchSize: 8,
  maxPhotoPixels: 50_000_000,
  maxPhotoSide: 20_000,
  maxDecodeMs: 5000,
  maxEncodeMs: 20_000,
  maxAvifPixels: 24_000_000,
  maxWorkBytes: 1536 * 1024 * 1024,
};

/** What every worker of a server is started with. */
export interface FleetOptions {
  /** Absolute. */
  readonly dataFolder: string;
  /** Path of `libtensorflow_cc.so.2`. */
  readonly libraryPath: string;
  /** What jobs run on; see `findDevices`. */
  readonly devices: readonly SlotDevice[];
  /** Where photos are colorized; "cpu" by default. */
  readonly colorizeDevice?: string;
  /** The device of each worker that colorizes; one on `colorizeDevice` by default. */
  readonly colorizeDevices?: readonly string[];
  /** Threads of each worker; 0 (default): as many as there are processors. */
  readonly threads?: number;
  readonly limits?: Partial<SupervisorLimits>;
  /** This program's version, which workers must have too. */
  readonly programVersion: string;
  /** The environment that workers get, and nothing else; see `workerVariables` of the configuration. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: WorkerLog;
}
