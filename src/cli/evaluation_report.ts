import { type Estimate, resamples } from "../evaluation/bootstrap.ts";
import type { Evaluation, Metric } from "../evaluation/compare_models.ts";
import type { EvaluationProtocol } from "../evaluation/protocols.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import type { ColorizerSource } from "../inference/colorizer.ts";
import type { ShownPhoto } from "../validation/evaluator.ts";
import type { PhotoJudgement } from "../validation/measures.ts";
import { counted } from "../terminal/quantities.ts";
import { shown } from "../shown.ts";

/** What one model made of the photos. */
export interface EvaluatedModel {
  /** As it was named. */
  readonly model: string;
  readonly source: ColorizerSource;
  readonly judged: readonly PhotoJudgement[];
  readonly shown: readonly ShownPhoto[];
  /** Its FID and that of the photos without any colour, where they were asked for. */
  readonly fid: { readonly colorized: number; readonly gray: number } | undefined;
}

/** How it was measured. */
interface Protocol {
  /** By which definitions. */
  readonly rules: EvaluationProtocol;
  /** The folder of photos, as it was given. */
  readonly data: string;
  readonly set: PreparedSet;
  /** The photos that were measured. */
  readonly indices: Uint32Array;
  /** How many were asked for, 0 for all, and the seed of the draw. */
  readonly limit: number;
  readonly seed: number;
  /** Whether only photos that the models were not trained on were taken. */
  readonly keptOut: boolean;
  readonly precision: string;
  /** The network that FID goes by, and what it takes. */
  readonly inception: { readonly path: string; readonly input: string } | undefined;
}

/** What is printed: how it was measured, and a table. */
export function evaluationReport(
  evaluated: readonly EvaluatedModel[],
  evaluation: Evaluation,
  protocol: Protocol,
): string {
  const { models, gray, comparison, realColorfulness } = evaluation;
  const heads = ["", "gray", ...modelNames(evaluated)];
  if (comparison) heads.push("difference 1 - 2");
  const rows = protocol.rules.metrics.map((metric) => [
    `${metric.label} (${metric.better})`,
    numeral(gray[metric.name].value, metric),
    ...models.map((estimates) => withInterval(estimates[metric.name], metric)),
    ...(comparison
      ? [
        `${withInterval(comparison.differences[metric.name], metric, true)} ${
          comparison.toldApart.includes(metric.name) ? "told apart" : "not told apart"
        }`,
      ]
      : []),
  ]);
  const [fid] = evaluated.flatMap(({ fid }) => fid ?? []);
  if (fid) {
    const cells = evaluated.map(({ fid }) => fid?.colorized.toPrecision(4) ?? "");
    rows.push(["FID (lower)", fid.gray.toPrecision(4), ...cells]);
  }
  const real = realColorfulness.value.toFixed(2);
  return [
    `Protocol: ${shown(protocolLine(evaluated, protocol))}`,
    table([heads, ...rows]),
    `The photos themselves have a colourfulness of ${real}.` +
    (fid
      ? " FID has no interval; compare it only with one of the same network and number of photos."
      : ""),
  ].join("\n\n");
}

function protocolLine(
  evaluated: readonly EvaluatedModel[],
  { rules, data, set, indices, limit, seed, keptOut, precision, inception }: Protocol,
): string {
  const { size, count } = set;
  const drawn = limit > 0 && limit === indices.length ? `, drawn by seed ${seed}` : "";
  const unseen = keptOut ? ", kept out of the training by the runs' own splits" : "";
  const weights = evaluated.map(({ source }, i) => {
    const number = evaluated.length > 1 ? `${i + 1}: ` : "";
    const step = source.step === undefined ? "" : `, step ${source.step}`;
    return `${number}${source.path}${step}${source.weights === "ema" ? ", moving average" : ""}`;
  }).join("; ");
  return [
    ...(rules.name === "tinct" ? [] : [`${rules.name}: ${rules.counting}`]),
    `${
      counted(indices.length, "photo")
    } of the ${count} in ${data} that have colour${unseen}${drawn}`,
    `resized to ${size} x ${size} whatever their aspect, ${rules.resizedBy}, not cropped`,
    "PSNR, SSIM (Gaussian window, sigma 1.5), ΔE2000 and colourfulness of 8-bit sRGB, ab error and " +
    "L1 of the prediction in L*a*b* (D65, 2°; L1 over 110)",
    ...(inception ? [`FID by ${inception.path} (${inception.input} input)`] : []),
    `weights ${weights}`,
    `${precision} arithmetic`,
    `means over photos, 95% intervals by the bootstrap over photos (percentile, ${
      resamples.toLocaleString("en")
    } resamples, fixed seed)`,
  ].join(" | ");
}

function modelNames(evaluated: readonly EvaluatedModel[]): string[] {
  return evaluated.length === 1 ? ["model"] : evaluated.map((_, i) => `model ${i + 1}`);
}

function numeral(value: number, { digits }: Pick<Metric, "digits">, signed = false): string {
  return `${signed && value > 0 ? "+" : ""}${value.toFixed(digits)}`;
}

function withInterval({ value, low, high }: Estimate, metric: Metric, signed = false): string {
  const number = (each: number) => numeral(each, metric, signed);
  const interval = Number.isNaN(low) ? "[one photo]" : `[${number(low)}, ${number(high)}]`;
  return `${number(value)} ${interval}`;
}

/** Aligned columns, two spaces apart. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => [...row[column] ?? ""].length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell + " ".repeat(widths[column]! - [...cell].length)).join("  ")
      .trimEnd()
  ).join("\n");
}

/** The same for programs, with every photo's numbers. What has no number is null. */
export function evaluationJson(
  evaluated: readonly EvaluatedModel[],
  evaluation: Evaluation,
  protocol: Protocol,
): object {
  const { rules, set, indices, data, seed, keptOut, precision, inception } = protocol;
  const { models, gray, realColorfulness, comparison } = evaluation;
  return {
    protocol: {
      name: rules.name,
      text: protocolLine(evaluated, protocol),
      data,
      photos: indices.length,
      usablePhotos: set.count,
      seed,
      keptOut,
      size: set.size,
      resize: rules.resize,
      counting: rules.counting,
      crop: "none",
      colorSpace: "8-bit sRGB; L*a*b* of D65 and the 2 degree observer",
      precision,
      inception: inception ?? null,
      interval: { level: 0.95, method: "bootstrap over photos, percentile", resamples },
    },
    models: evaluated.map(({ model, source: { path, step, weights } }, i) => ({
      model,
      path,
      step: step ?? null,
      weights: weights ?? null,
      metrics: models[i],
      fid: evaluated[i]!.fid?.colorized ?? null,
    })),
    gray,
    grayFid: evaluated[0]?.fid?.gray ?? null,
    realColorfulness,
    comparison: comparison ?? null,
    photos: Array.from(indices, (index, i) => ({
      name: set.names[index],
      models: evaluated.map(({ judged }) => judged[i]!.colorized),
      gray: evaluated[0]!.judged[i]!.gray,
      realColorfulness: evaluated[0]!.judged[i]!.realColorfulness,
    })),
  };
}
