import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { trainingOptions } from "../config/training.ts";
import { gatherGpuFacts } from "../engine/gpu_facts.ts";
import { messageOf, TinctError } from "../errors.ts";
import { type DriverFacts, readDriver } from "../gpu/driver.ts";
import { whyNoGpu } from "../gpu/why_no_gpu.ts";
import { Context, type Device } from "../tensorflow/context.ts";
import { builtWithCuda, openUnreachedLibraries } from "../tensorflow/cuda_facts.ts";
import { findPip } from "../tensorflow/fetch_pip.ts";
import {
  type LocatedLibrary,
  locateLibrary,
  platformOf,
  TENSORFLOW_VERSION,
} from "../tensorflow/library.ts";
import { loadTensorFlow } from "../tensorflow/load_library.ts";
import { type Processor, readProcessor } from "../tensorflow/processor.ts";
import { allowTensorFloat32 } from "../tensorflow/tensor_float_32.ts";
import { loadQuietly } from "../tensorflow/quiet_load.ts";
import type { Symbols } from "../tensorflow/symbols.ts";
import type { CommandContext } from "../terminal/command.ts";
import { freeBytesForFolder } from "../files/free_bytes.ts";

/** The version of Deno that Tinct is tested with; some later ones let a client stop the server. */
const DENO_VERSION = "2.9.3";

/** What `doctor` finds out. */
export interface Diagnosis {
  readonly deno: { readonly version: string; readonly expected: string };
  readonly processor: Processor;
  /** Threads that TensorFlow would get. */
  readonly threads: number;
  readonly precision: string;
  /** Undefined: there is none, or it cannot be used; `problems` says why. */
  readonly library: (LocatedLibrary & { readonly loadedVersion: string }) | undefined;
  readonly devices: readonly Device[];
  /** Whether the library can be told to round to TensorFloat-32 or not; undefined: no library. */
  readonly tensorFloat32Switch: boolean | undefined;
  readonly nvidiaDriver: string | undefined;
  /** The command of pip and its version; undefined: there is none. */
  readonly pip: { readonly command: string; readonly version: string } | undefined;
  readonly cache: { readonly folder: string; readonly freeBytes: number };
  /** What is missing, each a sentence with the way out. */
  readonly problems: readonly string[];
  /** What works, but could be better. */
  readonly notes: readonly string[];
}

/** Looks at everything that Tinct needs; finding it wanting is a result, not an error. */
export async function diagnose(
  { environment, debug, signal }: CommandContext,
): Promise<Diagnosis> {
  const problems: string[] = [];
  const notes: string[] = [];
  const processor = readProcessor();
  const driver = readDriver(environment);
  const nvidiaDriver = driver.isThere ? driver.version ?? "of unknown version" : undefined;
  const pip = await attempt(() => findPip({ signal }));
  const located = await attempt(() =>
    locateLibrary({
      explicit: environment.tensorflowFolder,
      cacheFolder: environment.cacheFolder,
      platform: platformOf(process.platform, process.arch),
    })
  );
  if ("problem" in located) {
    problems.push(located.problem);
    if ("problem" in pip) problems.push(pip.problem);
  }
  const usable = "value" in located
    ? await attempt(() => useLibrary(located.value, { debug, driver, environment }))
    : undefined;
  if (usable !== undefined && "problem" in usable) problems.push(usable.problem);
  const used = usable !== undefined && "value" in usable ? usable.value : undefined;
  const devices = used?.devices ?? [];
  if (used !== undefined) notes.push(...libraryNotes(used.library), ...used.gpuNotes);
  if (Deno.version.deno !== DENO_VERSION) {
    notes.push(
      `This is Deno ${Deno.version.deno}; Tinct is tested with ${DENO_VERSION}, which ` +
        `\`npx -y deno@${DENO_VERSION} task …\` runs.`,
    );
  }
  return {
    deno: { version: Deno.version.deno, expected: DENO_VERSION },
    processor,
    threads: availableParallelism(),
    precision: trainingOptions.precision.default,
    library: used?.library,
    devices,
    tensorFloat32Switch: used?.tensorFloat32Switch,
    nvidiaDriver,
    pip: "value" in pip
      ? { command: pip.value.command.join(" "), version: pip.value.version }
      : undefined,
    cache: {
      folder: resolve(environment.cacheFolder),
      freeBytes: await freeBytesForFolder(environment.cacheFolder),
    },
    problems,
    notes,
  };
}

type Attempt<T> = { readonly value: T } | { readonly problem: string };

/** Runs something whose failing, told in a TinctError, is a finding. */
async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof TinctError && error.code !== "cancelled") {
      return { problem: messageOf(error) };
    }
    throw error;
  }
}

/** Loads the library and asks it for its devices; without a driver it would only complain. */
function useLibrary(
  located: LocatedLibrary,
  { debug, driver, environment }: Pick<CommandContext, "debug" | "environment"> & {
    driver: DriverFacts;
  },
) {
  const gpu = driver.isThere === true;
  const load = () => loadTensorFlow(located.ccPath);
  const { symbols, version } = loadQuietly(located.ccPath, load, { log: debug });
  if (gpu) openUnreachedLibraries(located.ccPath);
  using context = Context.create(symbols, {
    threads: availableParallelism(),
    precision: "float32",
    gpu,
    gpuMemoryGrowth: true,
  });
  const devices = context.devices();
  const lacksGpu = devices.every(({ type }) => type !== "GPU");
  // Where neither the machine nor the build is for it, nobody expects one.
  const facts = lacksGpu && (gpu || located.variant === "gpu")
    ? gatherGpuFacts({ symbols, libraryPath: located.ccPath }, { ...environment, driver })
    : undefined;
  return {
    library: { ...located, variant: variantOf(located, symbols), loadedVersion: version },
    devices,
    gpuNotes: facts ? whyNoGpu(facts).map((why) => `A GPU cannot be used: ${why}.`) : [],
    tensorFloat32Switch: allowTensorFloat32(symbols, false),
  };
}

/** Where nothing beside the library says for what it was built, it says so itself. */
function variantOf({ variant }: LocatedLibrary, symbols: Symbols): LocatedLibrary["variant"] {
  const cuda = builtWithCuda(symbols);
  return variant ?? (cuda === undefined ? undefined : cuda ? "gpu" : "cpu");
}

function libraryNotes({ loadedVersion }: { readonly loadedVersion: string }): string[] {
  if (loadedVersion.startsWith(TENSORFLOW_VERSION.replace(/\d+$/, ""))) return [];
  return [
    `TensorFlow is ${loadedVersion}; Tinct is built for ${TENSORFLOW_VERSION}, which ` +
    "`deno task tinct setup` fetches once TINCT_TENSORFLOW is unset.",
  ];
}
