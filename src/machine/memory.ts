import { totalmem } from "node:os";
import process from "node:process";
import { type ContainerMemory, containerMemory } from "./container_memory.ts";

/** The memory that this process could still have, in bytes: of the machine or its container, the less. */
export function availableMemoryBytes(
  container: ContainerMemory | undefined = knownContainer(),
): number {
  const free = process.availableMemory();
  return container === undefined
    ? free
    : Math.max(0, Math.min(free, container.limitBytes - container.usedBytes));
}

/** All memory of the machine or its container, in bytes. */
export function totalMemoryBytes(
  container: ContainerMemory | undefined = knownContainer(),
): number {
  return Math.min(totalmem(), container?.limitBytes ?? Infinity);
}

/** A worker may not read where the system tells it; the runtime knows the limit then. */
function knownContainer(): ContainerMemory | undefined {
  const told = containerMemory();
  if (told !== undefined) return told;
  const limitBytes = process.constrainedMemory();
  // Where there is none it is 0, or a number beyond all memory.
  if (!(limitBytes > 0 && limitBytes < totalmem())) return undefined;
  return { limitBytes, usedBytes: process.memoryUsage.rss() };
}
