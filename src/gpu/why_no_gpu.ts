import { TinctError } from "../errors.ts";
import type { DriverFacts } from "./driver.ts";

/** The first driver that runs CUDA 12 (CUDA's release notes, "minor version compatibility"). */
const OLDEST_DRIVER = "525.60.13";

/** CUDA's version, as its driver counts: 1000 times the major one, 10 times the minor one. */
const OLDEST_CUDA = 12_000;

/** What decides whether TensorFlow computes on a GPU here. */
export interface GpuFacts {
  readonly driver: DriverFacts;
  /** Of `CUDA_VISIBLE_DEVICES`; undefined: it is not set. */
  readonly visible: string | undefined;
  /** Undefined: the library was not looked at. */
  readonly library: LibraryFacts | undefined;
}

/** What a loaded TensorFlow library says of CUDA. */
interface LibraryFacts {
  /** Whether it is a build for CUDA; undefined where it cannot say. */
  readonly builtWithCuda: boolean | undefined;
  /** Libraries of CUDA that it needs and that do not load. */
  readonly missing: readonly string[];
  /** The newest CUDA that the driver runs, such as 12040 for 12.4; undefined: no driver loads. */
  readonly driverCuda: number | undefined;
}

/** Why there is no GPU to compute on, half a sentence each with the way out; at least one. */
export function whyNoGpu(facts: GpuFacts): string[] {
  const obstacles = obstaclesToGpu(facts);
  if (obstacles.length > 0) return obstacles;
  return [
    "driver and libraries seem to be there: `deno task tinct doctor --debug` shows what " +
    "TensorFlow says",
  ];
}

/** What keeps TensorFlow from computing on a GPU, as far as the facts show it. */
export function obstaclesToGpu({ driver, visible, library }: GpuFacts): string[] {
  const reasons: string[] = [];
  const isOld = isOlder(driver.version, OLDEST_DRIVER) ||
    (library?.driverCuda !== undefined && library.driverCuda < OLDEST_CUDA);
  if (driver.isThere === false || (driver.isThere === undefined && lacksDriver(library))) {
    const signs = [
      driver.isThere === false && "no /proc/driver/nvidia",
      driver.hasNvidiaSmi === false && "no nvidia-smi",
      library && library.driverCuda === undefined && "no libcuda.so.1",
    ].filter((sign) => sign !== false && sign !== undefined);
    reasons.push(
      `there is no NVIDIA driver (${signs.join(", ")}): install one from ${OLDEST_DRIVER} on, or ` +
        "start the container with the GPU",
    );
  } else if (isOld) {
    const cuda = library?.driverCuda ?? 0;
    const name = driver.version ??
      `of CUDA ${Math.floor(cuda / 1000)}.${Math.floor((cuda % 1000) / 10)}`;
    reasons.push(
      `the NVIDIA driver ${name} is too old for CUDA 12: install one from ${OLDEST_DRIVER} on`,
    );
  } else if (lacksDriver(library)) {
    reasons.push(
      "the NVIDIA driver's library libcuda.so.1 does not load: start the container with the GPU, " +
        "or add its folder to LD_LIBRARY_PATH",
    );
  }
  if (driver.cards === 0) {
    reasons.push(
      "the NVIDIA driver knows no card: look at nvidia-smi, or start the container with the GPU",
    );
  } else if (visible !== undefined && hidesAll(visible, driver.cards)) {
    reasons.push(
      `CUDA_VISIBLE_DEVICES=${visible} hides every card` +
        `${driver.cards === undefined ? "" : ` of the ${driver.cards}`}: unset it, or name one`,
    );
  }
  if (library?.builtWithCuda === false) {
    reasons.push(
      "the TensorFlow library is the build for CPUs: `deno task tinct setup --gpu` fetches the other",
    );
  } else if (library && library.missing.length > 0) {
    reasons.push(
      `CUDA's ${library.missing.join(", ")} ${library.missing.length === 1 ? "does" : "do"} not ` +
        "load: fetch them with `deno task tinct setup --gpu`",
    );
  }
  return reasons;
}

/** The refusal of who was asked to compute on a GPU. */
export function noGpu(facts: GpuFacts): TinctError {
  return new TinctError(
    "failed_precondition",
    `A GPU was requested, but none can be used: ${whyNoGpu(facts).join("; ")}.`,
  );
}

function lacksDriver(library: LibraryFacts | undefined): boolean {
  return library !== undefined && library.driverCuda === undefined;
}

/** Whether the first entry, after which CUDA stops where it fits nothing, is no card. */
function hidesAll(visible: string, cards: number | undefined): boolean {
  const first = visible.split(",")[0]?.trim() ?? "";
  if (/^\d+$/.test(first)) return cards !== undefined && Number(first) >= cards;
  return !/^(?:GPU|MIG)-/.test(first);
}

function isOlder(version: string | undefined, than: string): boolean {
  const [a, b] = [version ?? "", than].map((text) => text.split(".").map(Number));
  if (version === undefined || a!.some(Number.isNaN)) return false;
  const at = b!.findIndex((number, index) => number !== (a![index] ?? 0));
  return at >= 0 && (a![at] ?? 0) < b![at]!;
}
