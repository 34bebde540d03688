import { costOf, measures } from "../charts/measures.ts";
import type { Brush, Brushes, ParallelAxis } from "../charts/parallel_axes.tsx";
import type { Job, Sweep } from "../contract/messages.ts";
import { figure, fixed, num, optionName, whole } from "../words.ts";

/** Numbers whose largest is so many times the smallest stand by their logarithm. */
const LOG_RATIO = 20;

/** A trial as the page shows it. */
export interface ShownTrial {
  /** Its number. */
  readonly number: number;
  readonly state: string;
  /** One for each rung, the oldest first. */
  readonly jobIds: readonly string[];
  /** The less, the better; Infinity: not measured. */
  readonly cost: number;
  readonly isBest: boolean;
}

/** A sweep's trials, and its options and measures as axes over them. */
export function trialsOf(
  { spec, trials = [], bestTrial }: Sweep,
  jobs: readonly Job[],
): { readonly trials: readonly ShownTrial[]; readonly axes: readonly ParallelAxis[] } {
  const metric = spec?.metric ?? "psnr_db";
  const known = measures.find(({ key }) => key === optionName(metric));
  const better = known?.better ?? "lower";
  const shown = trials.map(({ trial = 0, state, jobIds = [], metricValue }): ShownTrial => ({
    number: trial,
    state,
    jobIds,
    cost: metricValue === undefined ? Infinity : costOf(better, metricValue),
    isBest: trial === bestTrial,
  }));
  const options = (spec?.parameters ?? []).map(({ option, range }): ParallelAxis => {
    const values = trials.map((trial) => {
      const { number, word, flag } = trial.values?.[option] ?? {};
      return number ?? word ?? (flag === undefined ? undefined : String(flag));
    });
    const numbers = values.filter((value) => typeof value === "number");
    const isLog = range
      ? range.logarithmic === true
      : Math.min(...numbers) > 0 && Math.max(...numbers) >= LOG_RATIO * Math.min(...numbers);
    return axisOf(option, optionName(option), values, { isLog });
  });
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  const others = (["psnrDb", "deltaE2000"] as const).filter((key) => key !== optionName(metric));
  const measured = measures.filter(({ key }) => others.some((other) => other === key)).map(
    ({ key, title, better, decimals }) =>
      axisOf(
        key,
        title,
        trials.map(({ jobIds = [] }) => byId.get(jobIds.at(-1) ?? "")?.latestValidation?.[key]),
        { isFlipped: better === "lower", show: (value) => fixed(value, decimals) },
      ),
  );
  const last = axisOf(metric, known?.title ?? metric, trials.map((each) => each.metricValue), {
    isFlipped: better === "lower",
    show: (value) => fixed(value, known?.decimals ?? 3),
  });
  const steps = spec?.halving
    ? [axisOf("step", "Step", trials.map(({ step }) => num(step)), { show: whole })]
    : [];
  const axes = [...options, ...steps, ...measured, last];
  return { trials: shown, axes: axes.filter(({ values }) => values.some((v) => v !== undefined)) };
}

function axisOf(
  name: string,
  title: string,
  values: ParallelAxis["values"],
  rest: Partial<ParallelAxis>,
): ParallelAxis {
  return { name, title, values, isLog: false, isFlipped: false, show: figure, ...rest };
}

/** The brushes of an address: "lr_g~0.001~0.01,gan_mode~0~1". */
export function readBrushes(text: string): Brushes {
  const brushes = new Map<string, Brush>();
  for (const part of text.split(",")) {
    const [name = "", low, high] = part.split("~");
    if (low !== undefined && high !== undefined) brushes.set(name, [Number(low), Number(high)]);
  }
  return brushes;
}

/** Brushes as an address has them; undefined: there are none. */
export function writeBrushes(brushes: Brushes): string | undefined {
  const parts = [...brushes].map(([name, ends]) => [name, ...ends].join("~"));
  return parts.length === 0 ? undefined : parts.join(",");
}
