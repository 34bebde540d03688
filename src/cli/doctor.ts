import { boolean } from "../config/option.ts";
import { defineCommand } from "../terminal/command.ts";
import { diagnose } from "../installation/diagnosis.ts";
import {
  describePrecision,
  hasGpu,
  knownSpeeds,
  type MeasuredDiagnosis,
} from "../local_training/step_speeds.ts";
import { columns } from "../terminal/help.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { variantName } from "../installation/provide_library.ts";
import { formatBytes } from "../terminal/quantities.ts";

export const command = defineCommand({
  description: "Exit code 1: something that Tinct needs is missing.",
  options: {
    measure: boolean(
      true,
      "time steps in float32 and bfloat16 where that was not done; given: again",
    ),
    ...jsonOption,
  },
  async run({ options, given }, context) {
    const found = await diagnose(context);
    const when = !options.measure || hasGpu(found)
      ? "never"
      : given.has("measure")
      ? "anew"
      : "once";
    const { speeds, notes } = await knownSpeeds(context, found, when);
    const diagnosis = { ...found, speeds, notes: [...found.notes, ...notes] };
    const ok = diagnosis.problems.length === 0;
    if (options.json) printJson({ ok, ...diagnosis });
    else console.log(describeDiagnosis(diagnosis));
    return ok ? 0 : 1;
  },
});

/** The findings as a person reads them. */
export function describeDiagnosis(diagnosis: MeasuredDiagnosis): string {
  const { library, devices, processor, pip, cache, problems, notes } = diagnosis;
  const sources = { explicit: "TINCT_TENSORFLOW", cache: "the cache" };
  const rows: [string, string][] = [
    ["Deno", diagnosis.deno.version],
    [
      "TensorFlow",
      library === undefined
        ? "none that works"
        : `${library.loadedVersion}, ${variantName(library.variant)}, from ${
          sources[library.source]
        }: ${library.folder}`,
    ],
    [
      "devices",
      devices.length === 0
        ? "unknown without TensorFlow"
        : devices.map(({ name, type, memoryBytes }) => {
          const short = name.replace(/^.*device:/, "");
          return type === "CPU" ? short : `${short} (${formatBytes(memoryBytes)})`;
        }).join(", "),
    ],
    ["processor", processor.model],
    ["threads", `${diagnosis.threads}, as many as this process may run at once`],
    ["precision", describePrecision(diagnosis)],
    ["TensorFloat-32", describeTensorFloat32(diagnosis)],
    ["NVIDIA driver", diagnosis.nvidiaDriver ?? "none"],
    ["pip", pip === undefined ? "none" : `${pip.version} (${pip.command})`],
    ["cache folder", `${cache.folder}, ${formatBytes(cache.freeBytes)} free`],
  ];
  return [
    columns(rows),
    ...notes.map((note) => `Note: ${note}`),
    ...problems.map((problem) => `Missing: ${problem}`),
    problems.length === 0 ? "Everything Tinct needs is here." : "Something Tinct needs is missing.",
  ].join("\n");
}

function describeTensorFloat32({ tensorFloat32Switch, devices }: MeasuredDiagnosis): string {
  if (tensorFloat32Switch === undefined) return "unknown without TensorFlow";
  if (!hasGpu({ devices })) {
    return "a CPU has none: --precision tf32 computes as float32 does";
  }
  return tensorFloat32Switch
    ? "off with --precision float32, on with tf32 and bfloat16; needs compute capability 8.0"
    : "on, and this library cannot turn it off: --precision float32 is refused on the GPU";
}
