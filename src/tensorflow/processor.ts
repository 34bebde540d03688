import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What a processor says about itself. */
export interface Processor {
  /** As the system names it. */
  readonly model: string;
  /** False: TensorFlow's builds for x64 abort on it. Undefined: nothing says so. */
  readonly avx: boolean | undefined;
  /** The instructions that multiply bfloat16, best first; undefined: nothing says so. */
  readonly bfloat16: readonly string[] | undefined;
}

const BFLOAT16_FLAGS = ["amx_bf16", "avx512_bf16", "avx_ne_convert", "sve_bf16", "bf16"];

/** Reads what Linux says about the processor; elsewhere only its name is known. */
export function readProcessor(): Processor {
  const model = cpus()[0]?.model.trim() || "unknown";
  const line = /^(flags|Features)\s*:\s*(.*)$/m.exec(readCpuinfo());
  if (line === null) return { model, avx: undefined, bfloat16: undefined };
  const flags = new Set(line[2]?.split(/\s+/));
  return {
    model,
    avx: line[1] === "flags" ? flags.has("avx") : undefined,
    bfloat16: BFLOAT16_FLAGS.filter((flag) => flags.has(flag)),
  };
}

function readCpuinfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return ""; // macOS has no such file, and a sandbox may hide it
  }
}
