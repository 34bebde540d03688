import { readFile, stat, statfs } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, resolve } from "node:path";

/** What a processor says about itself. */
export interface Processor {
  /** As the system names it. */
  readonly model: string;
  /** False: TensorFlow's builds for x64 abort on it. Undefined: nothing says so. */
  readonly avx: boolean | undefined;
  /** The instructions that multiply bfloat16, best first; undefined: nothing says so. */
  readonly bfloat16: readonly string[] | undefined;
}

const BFLOAT16_FLAGS = ["amx_bf16", "avx512_bf16", "sve_bf16", "bf16"];

/** Reads what Linux says about the processor; elsewhere only its name is known. */
export async function readProcessor(): Promise<Processor> {
  const model = cpus()[0]?.model.trim() || "unknown";
  // Where there is no such file, as on macOS, the flags are not known.
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const line = /^(flags|Features)\s*:\s*(.*)$/m.exec(text);
  if (line === null) return { model, avx: undefined, bfloat16: undefined };
  const flags = new Set(line[2]?.split(/\s+/));
  return {
    model,
    avx: line[1] === "flags" ? flags.has("avx") : undefined,
    bfloat16: BFLOAT16_FLAGS.filter((flag) => flags.has(flag)),
  };
}

/** The version of NVIDIA's driver, such as "550.54.15"; undefined where there is none. */
export async function readNvidiaDriver(): Promise<string | undefined> {
  const text = await readFile("/proc/driver/nvidia/version", "utf8").catch(() => "");
  return / (\d+\.\d+(?:\.\d+)?) /.exec(text.split("\n")[0] ?? "")?.[1];
}

/** The free space, in bytes, of the disk that a folder is on, or will be on. */
export async function freeBytes(folder: string): Promise<number> {
  for (let path = resolve(folder);; path = dirname(path)) {
    const isThere = await stat(path).then(() => true, () => false);
    if (!isThere && path !== dirname(path)) continue;
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  }
}
