import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SlotDevice } from "./device_slots.ts";

/** Where the driver tells of its cards. */
const DRIVER_FOLDER = "/proc/driver/nvidia/gpus";

/**
 * The devices of this machine, found without loading TensorFlow: its NVIDIA cards, as nvidia-smi or
 * else the driver names them, or where there are none the processors as one device.
 */
export async function findDevices(): Promise<readonly SlotDevice[]> {
  const gpus = await fromNvidiaSmi() ?? await fromDriver();
  return gpus.length > 0 ? gpus : [cpuDevice()];
}

/** The processors, as one device. */
export function cpuDevice(): SlotDevice {
  const model = cpus()[0]?.model.trim() ?? "";
  return {
    name: "cpu",
    kind: "cpu",
    description: `${availableParallelism()} x ${model || "processor"}`,
    memoryBytes: totalmem(),
  };
}

/** Undefined where the program is not there or fails. */
async function fromNvidiaSmi(): Promise<SlotDevice[] | undefined> {
  const query = ["--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits"];
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", query, { timeout: 10_000 });
    return readGpuTable(stdout);
  } catch {
    return undefined; // the driver's folder tells whether there is a card all the same
  }
}

/** Reads lines such as "0, NVIDIA H200, 143771": index, name, memory in MiB. */
export function readGpuTable(text: string): SlotDevice[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s*,\s*(.*?)\s*,\s*(\d+)?[^,]*$/.exec(line);
    if (!match) return [];
    const [, index, description = "", memoryMib = "0"] = match;
    return [gpu(Number(index), description, Number(memoryMib) * 2 ** 20)];
  });
}

async function fromDriver(): Promise<SlotDevice[]> {
  const cards = await readdir(DRIVER_FOLDER).catch(() => []);
  return await Promise.all(
    cards.sort().map(async (card, index) => {
      const information = await readFile(join(DRIVER_FOLDER, card, "information"), "utf8")
        .catch(() => "");
      return gpu(index, /^Model:\s*(.*?)\s*$/m.exec(information)?.[1] ?? "", 0);
    }),
  );
}

function gpu(index: number, description: string, memoryBytes: number): SlotDevice {
  return { name: `gpu:${index}`, kind: "gpu", description, memoryBytes };
}
