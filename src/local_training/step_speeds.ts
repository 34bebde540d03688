import { dirname, join } from "node:path";
import { parseTrainingConfig } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { JsonFields } from "../files/json_fields.ts";
import { makeFolder } from "../files/make_folder.ts";
import { readText } from "../files/read_text.ts";
import { parseStrictJson } from "../files/strict_json.ts";
import type { Diagnosis } from "../installation/diagnosis.ts";
import { startEngine } from "../installation/engine_options.ts";
import { availableMemoryBytes } from "../machine/memory.ts";
import type { CommandContext } from "../terminal/command.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { measurePrecisions, type StepSpeeds } from "../training/resources/measure_precisions.ts";
import { version } from "../version.ts";

/** What was measured on this processor, and when. */
interface KnownSpeeds extends StepSpeeds {
  /** ISO 8601. */
  readonly measuredAt: string;
  /** The faster one; float32 where bfloat16 gains less than `LEAST_GAIN`. */
  readonly fastest: "float32" | "bfloat16";
}

/** What a measurement holds for; of anything else it says nothing. */
type Measured = Pick<Diagnosis, "processor" | "threads" | "library">;

/** A diagnosis, and how fast steps are on the processor; undefined: not known. */
export type MeasuredDiagnosis = Diagnosis & { readonly speeds: KnownSpeeds | undefined };

/** Whether to measure: where nothing is known, in any case, or not at all. */
export type WhenToMeasure = "once" | "anew" | "never";

/** Memory of two compiled steps of the full-size model over one set of weights, with room. */
const NEEDED_BYTES = 3e9;

/** What bfloat16 has to gain, a share of the time in float32, to be worth its roundings. */
const LEAST_GAIN = 0.1;

/** More than a kept measurement has. */
const MOST_BYTES = 10_000;

/** Where they are kept. */
export function speedsPath(cacheFolder: string): string {
  return join(cacheFolder, "step_speeds.json");
}

/**
 * What a training step of the full-size model takes on this machine's processor in float32 and in
 * bfloat16: as it was measured before, or measured now, which takes some seconds, and kept.
 *
 * @param measure for tests; trains otherwise.
 * @returns `speeds` undefined: not known; `notes` say why, where it was tried.
 * @throws the signal's reason.
 */
export async function knownSpeeds(
  context: CommandContext,
  machine: Measured,
  when: WhenToMeasure,
  measure: () => Promise<StepSpeeds> = () => measureHere(context),
): Promise<{ readonly speeds: KnownSpeeds | undefined; readonly notes: readonly string[] }> {
  if (machine.library === undefined) return { speeds: undefined, notes: [] };
  const path = speedsPath(context.environment.cacheFolder);
  const key = keyOf(machine);
  const kept = when === "anew" ? undefined : await readSpeeds(path, key);
  if (kept !== undefined || when === "never") return { speeds: kept, notes: [] };
  try {
    const { float32Ms, bfloat16Ms } = await measure();
    const measuredAt = new Date().toISOString();
    const text = JSON.stringify({ key, float32Ms, bfloat16Ms, measuredAt }, null, 2);
    const speeds = withFastest({ float32Ms, bfloat16Ms, measuredAt });
    return { speeds, notes: await keep(path, `${text}\n`) };
  } catch (error) {
    if (!(error instanceof TinctError) || error.code === "cancelled") throw error;
    return { speeds: undefined, notes: [`No step was measured: ${messageOf(error)}`] };
  }
}

/** Whether the library computes on a GPU. */
export function hasGpu({ devices }: Pick<Diagnosis, "devices">): boolean {
  return devices.some(({ type }) => type === "GPU");
}

/** What `doctor` says of the precision. */
export function describePrecision(diagnosis: MeasuredDiagnosis): string {
  const { precision, processor, speeds } = diagnosis;
  if (hasGpu(diagnosis)) {
    return `${precision} unless --precision says otherwise; bfloat16 on the GPU needs compute ` +
      "capability 8.0";
  }
  const [best] = processor.bfloat16 ?? [];
  const instructions = processor.bfloat16 === undefined
    ? ""
    : ` (${best === undefined ? "it has no instructions for bfloat16" : `it has ${best}`})`;
  return `${precision} unless --precision says otherwise; ${describeSpeeds(speeds)}${instructions}`;
}

function describeSpeeds(speeds: KnownSpeeds | undefined): string {
  if (speeds === undefined) return "which is faster has not been measured: `doctor --measure` does";
  const { float32Ms, bfloat16Ms, measuredAt, fastest } = speeds;
  const ratio = (bfloat16Ms / float32Ms).toPrecision(2);
  const times = `a full-size step took ${bfloat16Ms.toFixed(0)} ms in bfloat16 and ` +
    `${float32Ms.toFixed(0)} ms in float32 (${ratio} of it) on ${measuredAt.slice(0, 10)}`;
  return fastest === "bfloat16"
    ? `on this processor --precision bfloat16 is faster: ${times}`
    : `on this processor float32 is the right one: ${times}`;
}

async function measureHere(context: CommandContext): Promise<StepSpeeds> {
  const free = availableMemoryBytes();
  if (free < NEEDED_BYTES) {
    throw new TinctError(
      "resource_exhausted",
      `it takes ${formatBytes(NEEDED_BYTES)} of memory, and ${formatBytes(free)} are free.`,
    );
  }
  console.error("Measuring a step in float32 and bfloat16, once for this processor …");
  const chosen = { device: "cpu", threads: 0, gpuMemoryGrowth: true, deterministic: true } as const;
  using engine = await startEngine(context, chosen, "float32");
  return await measurePrecisions(engine, parseTrainingConfig({}), { signal: context.signal });
}

/** Another processor, library or version, or other threads: what was measured holds no longer. */
function keyOf({ processor, threads, library }: Measured): string {
  const { model, bfloat16 = [] } = processor;
  const instructions = bfloat16.join(" ") || "no bfloat16";
  return [model, instructions, `${threads} threads`, library?.loadedVersion, version].join("; ");
}

function withFastest(speeds: Omit<KnownSpeeds, "fastest">): KnownSpeeds {
  const gains = speeds.bfloat16Ms <= (1 - LEAST_GAIN) * speeds.float32Ms;
  return { ...speeds, fastest: gains ? "bfloat16" : "float32" };
}

/** What was measured for this key; undefined where nothing was, or nobody can read it. */
async function readSpeeds(path: string, key: string): Promise<KnownSpeeds | undefined> {
  try {
    const text = await readText(path, MOST_BYTES);
    const fields = new JsonFields(parseStrictJson(text, { maxDepth: 2 }), path);
    if (fields.string("key") !== key) return undefined;
    const [float32Ms, bfloat16Ms] = [fields.number("float32Ms"), fields.number("bfloat16Ms")];
    if (!(float32Ms > 0 && bfloat16Ms > 0)) return undefined;
    return withFastest({ float32Ms, bfloat16Ms, measuredAt: fields.string("measuredAt") });
  } catch {
    return undefined; // it can be measured again
  }
}

async function keep(path: string, text: string): Promise<string[]> {
  try {
    await makeFolder(dirname(path));
    await writeFileAtomically(path, text);
    return [];
  } catch (error) {
    return [`What was measured is not kept: ${messageOf(error)}`];
  }
}
