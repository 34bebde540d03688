import { availableParallelism, cpus } from "node:os";
import { TinctError } from "../errors.ts";
import { findCards, findMemoryInUse, visibleGpus } from "../gpu/cards.ts";
import { readDriver } from "../gpu/driver.ts";
import { whyNoGpu } from "../gpu/why_no_gpu.ts";
import { availableMemoryBytes, totalMemoryBytes } from "../machine/memory.ts";
import { replicasOf, type SlotDevice } from "./device_slots.ts";

/** What of the environment decides about devices. */
export interface DeviceEnvironment {
  /** The value of `CUDA_VISIBLE_DEVICES`; undefined: every card may be used. */
  readonly visibleGpus?: string | undefined;
  /** The PATH. */
  readonly searchPath?: string | undefined;
}

/**
 * The devices of this machine, found without loading TensorFlow: the NVIDIA cards, and the parts of
 * divided ones, that `CUDA_VISIBLE_DEVICES` leaves, or where there are none the processors as one
 * device.
 */
export async function findDevices(
  { visibleGpus: visible }: DeviceEnvironment = {},
): Promise<readonly SlotDevice[]> {
  const gpus = visibleGpus(await findCards(), visible).map((
    { name, uuid, description, memoryBytes },
  ): SlotDevice => ({
    name,
    kind: "gpu",
    description,
    memoryBytes,
    ...(uuid !== undefined && { cudaNames: { [name]: uuid } }),
  }));
  return gpus.length > 0 ? gpus : [cpuDevice()];
}

/**
 * Memory in use on each of the devices, in bytes, by whatever program: a GPU's as nvidia-smi says, the
 * processors' as the system does. Unknown ones are left out.
 */
export async function memoryInUse(
  devices: readonly SlotDevice[],
): Promise<[device: SlotDevice, bytes: number][]> {
  const used = devices.some(({ kind }) => kind === "gpu")
    ? await findMemoryInUse()
    : new Map<string, number>();
  return devices.flatMap((device) => {
    if (device.kind === "cpu") return [[device, totalMemoryBytes() - availableMemoryBytes()]];
    const cards = Object.values(device.cudaNames ?? {}).map((uuid) => used.get(uuid) ?? NaN);
    const bytes = cards.reduce((sum, each) => sum + each, 0);
    return cards.length > 0 && Number.isFinite(bytes) ? [[device, bytes]] : [];
  });
}

/** The processors, as one device. */
export function cpuDevice(): SlotDevice {
  const model = cpus()[0]?.model.trim() ?? "";
  return {
    name: "cpu",
    kind: "cpu",
    description: `${availableParallelism()} x ${model || "processor"}`,
    memoryBytes: totalMemoryBytes(),
  };
}

/**
 * The device of a name, for work that is not a job's: "cpu" is always there.
 *
 * @param devices as `findDevices` found them, or in groups.
 * @throws {TinctError} invalid_argument for a name of no device, failed_precondition for a GPU that
 *   cannot be used; it says why.
 */
export function deviceNamed(
  name: string,
  devices: readonly SlotDevice[],
  { visibleGpus: visible, searchPath }: DeviceEnvironment = {},
): SlotDevice {
  const found = devices.find((device) => replicasOf(device).includes(name));
  if (found) {
    const { replicas: _group, ...device } = found;
    return { ...device, name };
  }
  if (name === "cpu") return cpuDevice();
  const names = [...new Set([...devices.flatMap((device) => replicasOf(device)), "cpu"])].join(
    ", ",
  );
  if (!/^gpu(?::|$)/.test(name) || devices.some(({ kind }) => kind === "gpu")) {
    throw new TinctError(
      "invalid_argument",
      `There is no device ${name} that this server may use: give one of ${names}.`,
    );
  }
  const facts = { driver: readDriver({ searchPath }), visible, library: undefined };
  throw new TinctError(
    "failed_precondition",
    `The device ${name} was requested, but there is no GPU: ${whyNoGpu(facts).join("; ")}.`,
  );
}
