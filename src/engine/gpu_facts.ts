import { type DriverFacts, readDriver } from "../gpu/driver.ts";
import type { GpuFacts } from "../gpu/why_no_gpu.ts";
import {
  builtWithCuda,
  driverCudaVersion,
  missingCudaLibraries,
} from "../tensorflow/cuda_facts.ts";
import type { Symbols } from "../tensorflow/symbols.ts";

/** Where facts are looked for besides the library. */
interface GpuSurroundings {
  /** The value of `CUDA_VISIBLE_DEVICES`. */
  readonly visibleGpus?: string | undefined;
  /** The PATH; undefined: nothing is said of nvidia-smi. */
  readonly searchPath?: string | undefined;
  /** What is known of the driver already. */
  readonly driver?: DriverFacts;
}

/** Gathers what decides whether TensorFlow finds a GPU, for who asked for one and got none. */
export function gatherGpuFacts(
  { symbols, libraryPath }: { readonly symbols: Symbols; readonly libraryPath: string },
  { visibleGpus, searchPath, driver = readDriver({ searchPath }) }: GpuSurroundings = {},
): GpuFacts {
  const isCuda = builtWithCuda(symbols);
  return {
    driver,
    visible: visibleGpus,
    library: {
      builtWithCuda: isCuda,
      missing: isCuda === false ? [] : missingCudaLibraries(libraryPath),
      driverCuda: driverCudaVersion(),
    },
  };
}
