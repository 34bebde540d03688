import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DRIVER_FOLDER } from "./driver.ts";

/** Something that CUDA computes on: a card, or a part of one that was divided (MIG). */
interface GpuUnit {
  /** "GPU-…" or "MIG-…", by which CUDA knows it; undefined where nothing says it. */
  readonly uuid: string | undefined;
  /** What its maker calls it. */
  readonly description: string;
  /** 0 where that is not known. */
  readonly memoryBytes: number;
}

/** An NVIDIA card. */
export interface GpuCard extends GpuUnit {
  /** As nvidia-smi counts: in the order of the PCI bus. */
  readonly index: number;
  /** What it is divided into; where that is anything, only the parts can be computed on. */
  readonly parts: readonly GpuUnit[];
}

/** A card or a part that may be used. */
interface VisibleGpu extends GpuUnit {
  /** "gpu:1", or "gpu:1.0" for the first part of that card. */
  readonly name: string;
}

/**
 * The NVIDIA cards of this machine, as nvidia-smi or else the driver names them. TensorFlow is not
 * loaded, and `CUDA_VISIBLE_DEVICES` is not heeded: see `visibleGpus`.
 */
export async function findCards(): Promise<GpuCard[]> {
  return await fromNvidiaSmi() ?? await fromDriver();
}

/**
 * Which cards and parts a program sees under a value of `CUDA_VISIBLE_DEVICES`: as CUDA reads it,
 * each entry is a number or the beginning of a UUID, and those after the first that fits nothing are
 * hidden. A card that is divided stands for all its parts. Numbers are nvidia-smi's; CUDA's own order
 * differs where the cards do, unless CUDA_DEVICE_ORDER is PCI_BUS_ID.
 *
 * @param value undefined: all are seen.
 */
export function visibleGpus(cards: readonly GpuCard[], value: string | undefined): VisibleGpu[] {
  const all = cards.map(unitsOf);
  if (value === undefined) return all.flat();
  const seen = new Set<VisibleGpu>();
  for (const entry of value.split(",").map((text) => text.trim())) {
    const found = /^\d+$/.test(entry)
      ? all[cards.findIndex(({ index }) => index === Number(entry))]
      : unitsNamed(entry, cards, all);
    if (found === undefined || found.length === 0) break;
    for (const unit of found) seen.add(unit);
  }
  return [...seen];
}

function unitsOf({ index, parts, uuid, description, memoryBytes }: GpuCard): VisibleGpu[] {
  const name = `gpu:${index}`;
  return parts.length === 0
    ? [{ name, uuid, description, memoryBytes }]
    : parts.map((part, number) => ({ ...part, name: `${name}.${number}` }));
}

/** By the beginning of a UUID, which must be one card's or part's alone. */
function unitsNamed(
  entry: string,
  cards: readonly GpuCard[],
  all: readonly VisibleGpu[][],
): VisibleGpu[] {
  if (!/^(?:GPU|MIG)-/.test(entry)) return [];
  const fits = ({ uuid }: GpuUnit) => uuid?.startsWith(entry) ?? false;
  const named = [
    ...all.filter((_, at) => fits(cards[at]!)),
    ...all.flat().filter((unit) => fits(unit) && unit.uuid?.startsWith("MIG-")).map((unit) => [
      unit,
    ]),
  ];
  return named.length === 1 ? named[0]! : [];
}

/** What one run of nvidia-smi may take, in ms; it is slow while a card wakes up. */
const NVIDIA_SMI_MS = 10_000;

/** What it may take while a client waits for metrics, in ms; Prometheus waits 10 s as a rule. */
const NVIDIA_SMI_SCRAPE_MS = 3_000;

/**
 * Memory in use on each card, by any program, in bytes by the card's UUID; empty where nvidia-smi is
 * not there or fails. It does not tell the parts of a divided card apart.
 */
export async function findMemoryInUse(): Promise<Map<string, number>> {
  try {
    const query = ["--query-gpu=uuid,memory.used", "--format=csv,noheader,nounits"];
    return readMemoryInUse(await askNvidiaSmi(query, NVIDIA_SMI_SCRAPE_MS));
  } catch {
    return new Map(); // what uses the cards says itself what it lacks
  }
}

/** Reads lines such as "GPU-8a56…, 5233": UUID, MiB in use. */
export function readMemoryInUse(text: string): Map<string, number> {
  const found = text.matchAll(/^\s*(GPU-[\w-]+)\s*,\s*(\d+)\s*$/gm);
  return new Map([...found].map(([, uuid = "", mib]) => [uuid, Number(mib) * 2 ** 20]));
}

/** What nvidia-smi prints. Throws where it is not there, fails, or takes longer than `timeoutMs`. */
async function askNvidiaSmi(args: readonly string[], timeoutMs: number): Promise<string> {
  return (await promisify(execFile)("nvidia-smi", [...args], { timeout: timeoutMs })).stdout;
}

/** Undefined where the program is not there or fails. */
async function fromNvidiaSmi(): Promise<GpuCard[] | undefined> {
  const ask = (...args: string[]) => askNvidiaSmi(args, NVIDIA_SMI_MS);
  try {
    const query = "--query-gpu=index,uuid,name,memory.total";
    const table = readCardTable(await ask(query, "--format=csv,noheader,nounits"));
    const parts = readPartsList(await ask("-L").catch(() => ""));
    return table.map((card) => ({ ...card, parts: parts.get(card.index) ?? [] }));
  } catch {
    return undefined; // the driver's folder tells whether there is a card all the same
  }
}

/** Reads lines such as "0, GPU-8a56…, NVIDIA H200, 143771": index, UUID, name, memory in MiB. */
export function readCardTable(text: string): GpuCard[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s*,\s*(GPU-[\w-]+)\s*,\s*(.*?)\s*,\s*(\d+)?[^,]*$/.exec(line);
    if (!match) return [];
    const [, index, uuid, description = "", memoryMib = "0"] = match;
    const memoryBytes = Number(memoryMib) * 2 ** 20;
    return [{ index: Number(index), uuid, description, memoryBytes, parts: [] }];
  });
}

/**
 * Reads the parts out of what `nvidia-smi -L` lists, by the card's number:
 *
 *     GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b…)
 *       MIG 3g.20gb     Device  0: (UUID: MIG-c6d4…)
 */
export function readPartsList(text: string): Map<number, GpuUnit[]> {
  const parts = new Map<number, GpuUnit[]>();
  let card = { index: -1, name: "" };
  for (const line of text.split("\n")) {
    const [, index, name = ""] = /^GPU (\d+): (.*?) \(UUID: /.exec(line) ?? [];
    if (index !== undefined) card = { index: Number(index), name };
    const [, profile = "", uuid] = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)/
      .exec(line) ?? [];
    if (uuid === undefined) continue;
    // A profile names its share of the memory: "3g.20gb".
    const memoryGib = Number(/\.(\d+)gb/.exec(profile)?.[1] ?? 0);
    const part = {
      uuid,
      description: `${card.name} MIG ${profile}`,
      memoryBytes: memoryGib * 2 ** 30,
    };
    parts.set(card.index, [...parts.get(card.index) ?? [], part]);
  }
  return parts;
}

async function fromDriver(): Promise<GpuCard[]> {
  const folder = join(DRIVER_FOLDER, "gpus");
  const cards = await readdir(folder).catch(() => []);
  return await Promise.all(
    cards.sort().map(async (card, index) => {
      const text = await readFile(join(folder, card, "information"), "utf8").catch(() => "");
      return {
        index,
        uuid: /^GPU UUID:\s*(GPU-[\da-f-]+)\s*$/m.exec(text)?.[1],
        description: /^Model:\s*(.*?)\s*$/m.exec(text)?.[1] ?? "",
        memoryBytes: 0,
        parts: [],
      };
    }),
  );
}
