import { dirname, join } from "node:path";
import type { Symbols } from "./symbols.ts";

/** What a GPU build opens when it starts, by the wheel's folder that holds it beside TensorFlow's. */
const CUDA_LIBRARIES: readonly (readonly [folder: string, name: string])[] = [
  ["cuda_runtime", "libcudart.so.12"],
  ["cublas", "libcublas.so.12"],
  ["cublas", "libcublasLt.so.12"],
  ["cufft", "libcufft.so.11"],
  ["cusolver", "libcusolver.so.11"],
  ["cusparse", "libcusparse.so.12"],
  ["cudnn", "libcudnn.so.9"],
];

/** Those of them that the run path of TensorFlow 2.21's wheel leaves out. */
const UNREACHED_LIBRARIES: typeof CUDA_LIBRARIES = [["cusolver", "libcusolver.so.11"]];

/** Open for as long as the process lives. */
const opened: unknown[] = [];

/**
 * Opens what a GPU build would not find where the wheels put it, so that it finds it opened. Without
 * them TensorFlow sees no GPU at all. Before the first context that may use a GPU; where they lie
 * elsewhere, or nowhere, nothing happens.
 *
 * @param libraryPath of `libtensorflow_cc.so.2`.
 */
export function openUnreachedLibraries(libraryPath: string): void {
  for (const [folder, name] of UNREACHED_LIBRARIES) {
    try {
      opened.push(Deno.dlopen(besideTensorFlow(libraryPath, folder, name), {}));
    } catch {
      // TensorFlow looks in the system's folders, and `missingCudaLibraries` tells what is not there.
    }
  }
}

/** Whether the library was built for CUDA; undefined where it cannot say. */
export function builtWithCuda(symbols: Symbols): boolean | undefined {
  return symbols.IsGoogleCudaEnabled === null ? undefined : symbols.IsGoogleCudaEnabled() !== 0;
}

/**
 * The libraries of CUDA that do not load, neither from beside TensorFlow's, where wheels put them,
 * nor from the system's folders. Loads those that do: for who is about to give up only.
 *
 * @param libraryPath of `libtensorflow_cc.so.2`.
 */
export function missingCudaLibraries(libraryPath: string): string[] {
  return CUDA_LIBRARIES
    .filter(([folder, name]) => !loads(besideTensorFlow(libraryPath, folder, name)) && !loads(name))
    .map(([, name]) => name);
}

/**
 * The newest CUDA that the driver runs: 12040 is 12.4; undefined where no driver loads.
 *
 * @param path of the driver's library; by default the system's.
 */
export function driverCudaVersion(path = "libcuda.so.1"): number | undefined {
  try {
    const driver = Deno.dlopen(path, {
      // CUresult cuDriverGetVersion(int* driverVersion)
      cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
    });
    const version = new Int32Array(1);
    const result = driver.symbols.cuDriverGetVersion(version);
    driver.close();
    return result === 0 ? version[0] : undefined;
  } catch {
    return undefined;
  }
}

/** Where the wheel of that folder puts a library, in reach of TensorFlow's own. */
function besideTensorFlow(libraryPath: string, folder: string, name: string): string {
  return join(dirname(libraryPath), "..", "nvidia", folder, "lib", name);
}

function loads(path: string): boolean {
  try {
    Deno.dlopen(path, {}).close();
    return true;
  } catch {
    return false;
  }
}
