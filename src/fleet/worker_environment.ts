import { availableParallelism } from "node:os";
import type { SlotDevice } from "./device_slots.ts";
import type { FleetOptions } from "./fleet_options.ts";
import type { WorkerSetting } from "./worker_session.ts";

/** What all workers of a server are made with. */
export interface FleetSetting extends WorkerSetting {
  readonly options: FleetOptions;
}

/** Of several on the same processors, each computes with its share of them. */
export function threadsOf({ threads = 0 }: FleetOptions, count: number): number {
  if (threads > 0 || count === 1) return threads;
  return Math.max(1, Math.floor(availableParallelism() / count));
}

/** Shows a worker its own card alone; to TensorFlow it is the first one then. */
export function environmentFor(
  device: Pick<SlotDevice, "name" | "kind" | "cudaNames">,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const { kind, name, cudaNames } = device;
  if (kind === "cpu") return { ...environment, CUDA_VISIBLE_DEVICES: "-1" };
  const cudaName = cudaNames?.[name] ?? name.slice("gpu:".length);
  // Numbers are those of nvidia-smi, whose order is not CUDA's own.
  return { ...environment, CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: cudaName };
}
