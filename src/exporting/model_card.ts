import { type TrainingConfig, trainingOptions } from "../config/training.ts";
import type { GeneratorConfig } from "../inference/frozen_network.ts";
import { formatCount } from "../words.ts";
import type { ExportFormat } from "./export_format.ts";

/** What is known of a model, for its card. */
export interface ModelFacts {
  readonly name: string;
  /** For people. */
  readonly description?: string;
  /** What it was trained on, as a sentence. */
  readonly trainedOn: string;
  /** Training steps; undefined where nobody knows. */
  readonly step: number | undefined;
  /** Which weights of its checkpoint. */
  readonly weights: "ema" | "raw" | undefined;
  /** How it was trained; undefined where nobody knows. */
  readonly options: TrainingConfig | undefined;
  /** How it measured, such as "PSNR 24.10 dB (gray 22.00)". */
  readonly measures: readonly string[];
  /** As the person says it; "" where nobody did. */
  readonly licence: string;
}

/** How a model was exported. */
interface ExportFacts {
  readonly format: ExportFormat;
  readonly isWhole: boolean;
  readonly programVersion: string;
  readonly parameters: number;
}

/** The card of an exported model, in Markdown. */
export function modelCard(
  facts: ModelFacts,
  config: GeneratorConfig,
  { format, isWhole, programVersion, parameters }: ExportFacts,
): string {
  const { name, description = "", trainedOn, step, weights, options, measures, licence } = facts;
  const kind = weights === "ema" ? ", moving average of the weights" : "";
  const steps = step === undefined ? "steps not known" : `${formatCount(step)} training steps`;
  return [
    `# ${line(name)}`,
    ...(description === "" ? [] : [line(description)]),
    "A generator that predicts the colours of photos from their lightness, exported by Tinct " +
    `${programVersion}.`,
    "## Licence",
    licence === ""
      ? "Not stated. Ask who trained the model before you use it or pass it on."
      : line(licence),
    "## The network",
    [
      `- Generator: ${architectureOf(config)}, ${formatCount(parameters)} weights`,
      `- Side of the square that it sees: ${config.size} pixels`,
      `- Hints of colour: ${config.hints ? "it takes them" : "none"}`,
    ].join("\n"),
    "## What it takes and gives",
    format === "safetensors" ? tensorsText(config) : networkText(config, isWhole),
    "## How it was trained",
    [`- ${line(trainedOn)}`, `- ${steps}${kind}`].join("\n"),
    "Options that differ from the defaults:",
    changedOptions(options),
    "## Measures",
    measures.length === 0
      ? "None were taken."
      : measures.map((measure) => `- ${line(measure)}`).join("\n"),
    "",
  ].join("\n\n").trimEnd() + "\n";
}

function architectureOf({ generator, decoderNorm, nDown, ngf }: GeneratorConfig): string {
  if (generator === "ddcolor-tiny") return `DDColor with ConvNeXt-T, ngf ${ngf} of 64`;
  return generator === "unet"
    ? `U-Net with ${nDown} halvings and ngf ${ngf}`
    : `U-Net whose way down is a ${generator} of width ${ngf}, decoder norm ${decoderNorm}`;
}

function networkText({ size, hints }: GeneratorConfig, isWhole: boolean): string {
  if (isWhole) {
    return [
      "- Takes `image`: photos in sRGB, uint8 [N, height, width, 3], of any size; their own colours do " +
      "not matter.",
      "- Gives `colorized`: the same photos in colour, uint8 [N, height, width, 3]. Each pixel keeps its " +
      "lightness.",
    ].join("\n");
  }
  return [
    `- Takes \`L\`: float32 [N, 1, ${size}, ${size}], L* / 50 - 1 of photos scaled to that square.`,
    ...(hints
      ? [
        `- Takes \`hints\`: float32 [N, 3, ${size}, ${size}], a* / 110, b* / 110 and 1 where a colour is ` +
        "given, else 0.",
      ]
      : []),
    `- Gives \`ab\`: float32 [N, 2, ${size}, ${size}], a* / 110 and b* / 110. Scaled to the photo's size ` +
    "and set beside its own L*, they are the photo in colour.",
    "- L\\*a\\*b\\* is CIE 1976 of sRGB with white D65.",
  ].join("\n");
}

function tensorsText({ generator }: GeneratorConfig): string {
  if (generator === "ddcolor-tiny") {
    return "Tensors in float32, with the names and layouts of DDColor's published weights, but for its " +
      "constants `mean` and `std` and a norm that it does not use. That network takes gray sRGB in " +
      "three channels and gives a\\* and b\\*.";
  }
  const whose = generator === "unet"
    ? "the common PyTorch implementation of pix2pix's U-Net"
    : "fastai's DynamicUnet";
  return `Tensors in float32, with the names and layouts of ${whose}. It takes L\\* / 50 - 1 in one ` +
    "channel and gives a\\* / 110 and b\\* / 110.";
}

function changedOptions(options: TrainingConfig | undefined): string {
  if (options === undefined) return "Not known: the file has weights alone.";
  const usual: Readonly<Record<string, { readonly default: unknown }>> = trainingOptions;
  const changed = Object.entries(options)
    .filter(([name, value]) => name in usual && usual[name]!.default !== value)
    .map(([name, value]) => `- ${name}: ${line(String(value))}`);
  return changed.length === 0 ? "None." : changed.join("\n");
}

/** A text of somebody else's, on one line and without Markdown of its own. */
function line(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_<>[\]|#]/g, "\\$&").trim();
}
