import process from "node:process";
import { readEnvironment } from "../src/config.ts";
import type { TrainingConfig } from "../src/config/training.ts";
import { Engine } from "../src/engine/engine.ts";
import type { Cluster } from "../src/tensorflow/server_def.ts";
import { locateLibrary, platformOf } from "../src/tensorflow/library.ts";

/** Starts the engine with the library that the environment or the cache has. */
export async function startBenchEngine(
  options: {
    threads: number;
    precision: TrainingConfig["precision"];
    cluster?: Cluster;
    /** By default "cpu". */
    device?: "cpu" | "gpu";
  },
): Promise<Engine> {
  const { tensorflowFolder, cacheFolder, visibleGpus, searchPath } = readEnvironment();
  const platform = platformOf(process.platform, process.arch);
  const variant = options.device === "gpu" ? "gpu" : undefined;
  const { ccPath } = locateLibrary({ explicit: tensorflowFolder, cacheFolder, platform, variant });
  return await Engine.start({ libraryPath: ccPath, visibleGpus, searchPath, ...options });
}
