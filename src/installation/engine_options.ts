import { availableParallelism } from "node:os";
import { boolean, choice, integer } from "../config/option.ts";
import type { TrainingConfig } from "../config/training.ts";
import { Engine, type EngineOptions } from "../engine/engine.ts";
import { readDriver } from "../gpu/driver.ts";
import { noGpu, obstaclesToGpu } from "../gpu/why_no_gpu.ts";
import type { CommandContext } from "../terminal/command.ts";
import { allWritten } from "../terminal/output/standard_streams.ts";
import { provideLibrary } from "./provide_library.ts";

/** Options of every command that computes. */
export const engineOptions = {
  device: choice(["cpu", "gpu"], "device to compute on"),
  threads: integer(0, [0, 1024], "TensorFlow's threads; 0: one per core"),
  gpuMemoryGrowth: boolean(true, "take GPU memory as needed, not all at the start"),
  deterministic: boolean(
    true,
    "on a GPU: the same numbers in every run; a few percent slower in float32",
  ),
} as const;

/** Their values. */
export interface EngineChoice {
  readonly device: "cpu" | "gpu";
  readonly threads: number;
  readonly gpuMemoryGrowth: boolean;
  readonly deterministic: boolean;
}

/**
 * Refuses a GPU that cannot be there, before anything is done for it; the CPU always can.
 *
 * @throws {TinctError} failed_precondition, with what is missing.
 */
export function requireDevice(
  { environment: { visibleGpus: visible, searchPath } }: Pick<CommandContext, "environment">,
  { device }: Pick<EngineChoice, "device">,
): void {
  if (device !== "gpu") return;
  const facts = { driver: readDriver({ searchPath }), visible, library: undefined };
  if (obstaclesToGpu(facts).length > 0) throw noGpu(facts);
}

/**
 * Starts the engine, after fetching the TensorFlow library where it is missing.
 *
 * @throws TinctError as `provideLibrary` and `Engine.start` do.
 */
export async function startEngine(
  context: CommandContext,
  { device, threads, gpuMemoryGrowth, deterministic }: EngineChoice,
  precision: TrainingConfig["precision"],
  { cluster }: Pick<EngineOptions, "cluster"> = {},
): Promise<Engine> {
  requireDevice(context, { device }); // before gigabytes are fetched
  const { ccPath } = await provideLibrary(context, device === "gpu" ? { variant: "gpu" } : {});
  context.signal.throwIfAborted();
  await allWritten(100); // stderr leads nowhere while the library is loaded
  return await Engine.start({
    libraryPath: ccPath,
    device,
    // TensorFlow's own default counts the machine's cores, not the share that a container has.
    threads: threads || availableParallelism(),
    gpuMemoryGrowth,
    deterministic,
    precision,
    cluster,
    visibleGpus: context.environment.visibleGpus,
    searchPath: context.environment.searchPath,
    log: context.debug,
  });
}
