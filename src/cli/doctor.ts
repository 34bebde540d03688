import { defineCommand } from "../terminal/command.ts";
import { diagnose, type Diagnosis } from "../installation/diagnosis.ts";
import { columns } from "../terminal/help.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { variantName } from "../installation/provide_library.ts";
import { formatBytes } from "../terminal/quantities.ts";

export const command = defineCommand({
  description: "Exit code 1: something that Tinct needs is missing.",
  options: jsonOption,
  async run({ options }, context) {
    const diagnosis = await diagnose(context);
    const ok = diagnosis.problems.length === 0;
    if (options.json) printJson({ ok, ...diagnosis });
    else console.log(describeDiagnosis(diagnosis));
    return ok ? 0 : 1;
  },
});

/** The findings as a person reads them. */
export function describeDiagnosis(diagnosis: Diagnosis): string {
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

function describeTensorFloat32({ tensorFloat32Switch, devices }: Diagnosis): string {
  if (tensorFloat32Switch === undefined) return "unknown without TensorFlow";
  if (!devices.some((device) => device.type === "GPU")) {
    return "a CPU has none: --precision tf32 computes as float32 does";
  }
  return tensorFloat32Switch
    ? "off with --precision float32, on with tf32 and bfloat16; needs compute capability 8.0"
    : "on, and this library cannot turn it off: --precision float32 is refused on the GPU";
}

function describePrecision({ precision, processor, devices }: Diagnosis): string {
  const [best] = processor.bfloat16 ?? [];
  const bfloat16 = devices.some((device) => device.type === "GPU")
    ? "bfloat16 on the GPU needs compute capability 8.0"
    : processor.bfloat16 === undefined
    ? "whether this processor multiplies bfloat16 is unknown"
    : best === undefined
    ? "this processor has no instructions for bfloat16, which would not be faster"
    : `this processor has ${best}: measure a step in both before you train in bfloat16 ` +
      "(docs/performance.md)";
  return `${precision} unless --precision says otherwise; ${bfloat16}`;
}
