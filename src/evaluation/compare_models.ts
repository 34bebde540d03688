import type { PhotoJudgement, PhotoMeasures } from "../validation/measures.ts";
import { bootstrap, type Estimate, type Statistic } from "./bootstrap.ts";

/** A metric of colorized photos. */
export interface Metric {
  /** Its name in JSON. */
  readonly name: keyof PhotoMeasures | "colorfulnessRatio" | "colorfulnessDifference";
  /** Its name in a table. */
  readonly label: string;
  /** Which values are better. */
  readonly better: "higher" | "lower" | "near 1" | "near the real one";
  /** Digits after the point that say something. */
  readonly digits: number;
}

/** Everything that is measured, in the order of a table; a protocol's table leaves some out. */
export const metrics: readonly Metric[] = [
  { name: "psnr", label: "PSNR, dB", better: "higher", digits: 2 },
  { name: "ssim", label: "SSIM", better: "higher", digits: 4 },
  { name: "deltaE2000", label: "ΔE2000", better: "lower", digits: 2 },
  { name: "abError", label: "ab error", better: "lower", digits: 2 },
  { name: "l1", label: "L1", better: "lower", digits: 4 },
  { name: "colorfulness", label: "colourfulness", better: "near the real one", digits: 2 },
  { name: "colorfulnessRatio", label: "ratio to real", better: "near 1", digits: 3 },
  { name: "colorfulnessDifference", label: "ΔCF", better: "lower", digits: 2 },
];

/** An estimate of each metric. */
type Estimates = Readonly<Record<Metric["name"], Estimate>>;

/** How two models differ on the same photos. */
interface Comparison {
  /** The first model's metric less the second's. */
  readonly differences: Estimates;
  /** The metrics whose interval of the difference leaves out 0. */
  readonly toldApart: readonly Metric["name"][];
}

/** What is known of models on the same photos. */
export interface Evaluation {
  readonly models: readonly Estimates[];
  /** Of the photos without any colour. */
  readonly gray: Estimates;
  /** Colourfulness of the photos themselves. */
  readonly realColorfulness: Estimate;
  /** Where there are two models. */
  readonly comparison: Comparison | undefined;
}

/**
 * Takes means with confidence intervals (`bootstrap`), and compares two models photo by photo.
 *
 * @param judged for each model what became of the photos, all in the same order.
 */
export function compareModels(judged: readonly (readonly PhotoJudgement[])[]): Evaluation {
  const [first = []] = judged;
  const real = Float64Array.from(first, (photo) => photo.realColorfulness);
  const ofModels = judged.map((photos) => statisticsOf(photos.map((each) => each.colorized), real));
  const ofGray = statisticsOf(first.map((photo) => photo.gray), real);
  const [one, two] = ofModels;
  const between = one === undefined || two === undefined
    ? []
    : one.map((statistic, i) => difference(statistic, two[i]!));
  const groups = [...ofModels, ofGray, between, [{ columns: [real], of: meanOf }]];
  const estimates = bootstrap(groups.flat());
  const taken = groups.map((group) => estimates.splice(0, group.length));
  const models = taken.slice(0, judged.length).map(byName);
  const [gray = [], differences = [], [realColorfulness]] = taken.slice(judged.length) as [
    Estimate[],
    Estimate[],
    [Estimate],
  ];
  return {
    models,
    gray: byName(gray),
    realColorfulness,
    comparison: differences.length === 0 ? undefined : {
      differences: byName(differences),
      toldApart: metrics.flatMap(({ name }, i) => leavesOutZero(differences[i]!) ? [name] : []),
    },
  };
}

function meanOf([mean = NaN]: readonly number[]): number {
  return mean;
}

/** In the order of `metrics`. */
function statisticsOf(photos: readonly PhotoMeasures[], real: Float64Array): Statistic[] {
  const columnOf = (name: keyof PhotoMeasures) => Float64Array.from(photos, (photo) => photo[name]);
  const colorfulness = columnOf("colorfulness");
  const columns = [colorfulness, real];
  return metrics.map(({ name }): Statistic => {
    if (name === "colorfulnessRatio") {
      return { columns, of: ([made = NaN, there = NaN]) => made / there };
    }
    if (name === "colorfulnessDifference") {
      return { columns, of: ([made = NaN, there = NaN]) => Math.abs(made - there) };
    }
    return { columns: [name === "colorfulness" ? colorfulness : columnOf(name)], of: meanOf };
  });
}

function difference(one: Statistic, two: Statistic): Statistic {
  const first = one.columns.length;
  return {
    columns: [...one.columns, ...two.columns],
    of: (means) => one.of(means.slice(0, first)) - two.of(means.slice(first)),
  };
}

function byName(estimates: readonly Estimate[]): Estimates {
  return Object.fromEntries(
    metrics.map(({ name }, i) => [name, estimates[i]!]),
  ) as Estimates;
}

function leavesOutZero({ low, high }: Estimate): boolean {
  return low > 0 || high < 0;
}
