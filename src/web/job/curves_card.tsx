import { useEffect, useMemo, useState } from "preact/hooks";
import { quantities, type Quantity, smoothed } from "../../web_parts/live/curves.ts";
import type { JobLive } from "../../web_parts/live/job_live.ts";
import { runningTime } from "../../web_parts/live/running_time.ts";
import type { Validation } from "../../web_parts/contract/messages.ts";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { figure, fixed, num } from "../../web_parts/words.ts";
import { Chart, type Line, type Mark } from "../../web_parts/charts/chart.tsx";
import { type Axis, CurveControls, useCurveView } from "../../web_parts/charts/curve_view.tsx";
import { measures } from "../../web_parts/charts/measures.ts";

/** How a quantity looks wherever it is drawn. */
const looks: Partial<Record<Quantity, { short: string; color: string; dash?: number[] }>> = {
  loss_g_gan: { short: "G_GAN", color: "--s2" },
  loss_d: { short: "loss_D", color: "--s5" },
  loss_d_real: { short: "real", color: "--s1", dash: [5, 3] },
  loss_d_fake: { short: "fake", color: "--s4", dash: [2, 2.5] },
  loss_d_gp: { short: "D_GP", color: "--s6", dash: [8, 3] },
  loss_g: { short: "G", color: "--s2", dash: [5, 3] },
  loss_g_l1: { short: "G_L1", color: "--s3" },
  loss_g_color: { short: "G_color", color: "--s4", dash: [5, 3] },
  loss_g_hint: { short: "G_hint", color: "--s1" },
  loss_g_perceptual: { short: "G_perc", color: "--s6", dash: [8, 3] },
  lr_g: { short: "lrG", color: "--s2" },
  lr_d: { short: "lrD", color: "--s1", dash: [5, 3] },
};

const balance: readonly Quantity[] = [
  "loss_g_gan",
  "loss_d",
  "loss_d_real",
  "loss_d_fake",
  "loss_d_gp",
];
const reconstruction: readonly Quantity[] = [
  "loss_g",
  "loss_g_l1",
  "loss_g_color",
  "loss_g_hint",
  "loss_g_perceptual",
];

/** All losses of a job, its validations and rates, on one axis. */
export function CurvesCard({ live, marks, onPick }: {
  live: JobLive;
  marks: readonly { readonly step: number; readonly color: string }[];
  onPick: (step: number) => void;
}) {
  const view = useCurveView();
  const { axis, weight, isLog, range, setRange, nameX } = view;
  const [part, setPart] = useState<"balance" | "l1" | "validation">("balance");
  const { curves } = live;
  const running = useMemo(() => runningTime(live.states), [live.states.length]);
  const x = useMemo(() => {
    if (axis === "epoch") return curves.epochs;
    return axis === "time" ? curves.timesMs.map(running) : curves.steps;
  }, [axis, live.version]);
  const placeOf = (step: number) => {
    const at = curves.steps.findIndex((each) => each >= step);
    return at < 0 ? x.at(-1) ?? step : x[at] ?? step;
  };
  const linesOf = (names: readonly Quantity[]) =>
    names.flatMap((name) => lineOf(live, name, weight));
  const shared = {
    x,
    isLog,
    range,
    onRange: setRange,
    nameX,
    marks: marks.map(({ step, color }): Mark => ({ x: placeOf(step), color })),
    onPick: (value: number) => {
      const at = x.findIndex((each) => each >= value);
      onPick(curves.steps[at] ?? 0);
    },
  };
  if (curves.steps.length === 0) return <Waiting live={live} />;
  return (
    <section class={`card curves show-${part}`} aria-labelledby="curves">
      <header class="card-head">
        <h2 id="curves">Curves</h2>
        <CurveControls view={view} />
      </header>
      <div class="curves-switch">
        <Segmented
          label="Curves"
          value={part}
          choices={[
            { value: "balance", text: "Balance" },
            { value: "l1", text: "L1" },
            { value: "validation", text: "Validation" },
          ]}
          onChange={setPart}
        />
      </div>
      <div class="curve curve-balance">
        <h3>Adversarial balance</h3>
        <Chart
          {...shared}
          title="Adversarial balance"
          lines={linesOf(balance)}
          height={210}
          reference={isVanilla(live) ? { value: Math.LN2, text: "guessing, ln 2" } : undefined}
        />
      </div>
      <div class="curve curve-l1">
        <h3>Reconstruction</h3>
        <Chart {...shared} title="Reconstruction" lines={linesOf(reconstruction)} height={190} />
      </div>
      <p class="hint">
        Drag over a curve to zoom, double-click or <kbd>0</kbd>{" "}
        for the whole run. The faint band is every step; the line is its smoothed mean.
      </p>
      <Measures live={live} axis={axis} placeOf={placeOf} nameX={nameX} range={range} />
    </section>
  );
}

/** A discriminator that guesses has ln 2 only with the vanilla loss, whose values are all positive. */
function isVanilla({ curves }: JobLive): boolean {
  const least = curves.columns.get("loss_g_gan")?.least.findLast((value) => value !== null) ?? -1;
  return least > 0;
}

function lineOf(live: JobLive, name: Quantity, weight: number): Line[] {
  const column = live.curves.columns.get(name);
  const look = looks[name];
  if (!column || !look) return [];
  const label = quantities.find(([field]) => field === name)?.[2] ?? name;
  return [{
    label,
    ...look,
    values: smoothed(column.mean, weight),
    raw: column.mean,
    least: column.least,
    greatest: column.greatest,
  }];
}

/** Small charts below: each measure with the gray picture's value, and the rates. */
function Measures({ live, axis, placeOf, nameX, range }: {
  live: JobLive;
  axis: Axis;
  placeOf: (step: number) => number;
  nameX: (x: number) => string;
  range: readonly [number, number] | undefined;
}) {
  const last = live.validations.at(-1);
  const of = (key: keyof Validation) =>
    live.validations.map((each) => each[key] === undefined ? null : Number(each[key]));
  const { curves } = live;
  const rates = (["lr_g", "lr_d"] as const).flatMap((name) => {
    const column = curves.columns.get(name);
    const look = looks[name];
    return column && look ? [{ label: look.short, ...look, values: column.mean }] : [];
  });
  const rateX = axis === "step"
    ? curves.steps
    : axis === "epoch"
    ? curves.epochs
    : curves.steps.map(placeOf);
  return (
    <div class="measures">
      {live.validations.length > 0 &&
        measures.map(({ key, title, better, grayKey, decimals }) => ({
          ...{ key, title, better, decimals },
          gray: grayKey === undefined ? 0 : last?.[grayKey],
        })).map(({ key, title, better, gray, decimals }) => (
          <div class="measure" key={key}>
            <h3>
              {title} <b>{fixed(last?.[key], decimals)}</b>
            </h3>
            <p>{better} is better{gray === undefined ? "" : ` · gray ${fixed(gray, decimals)}`}</p>
            <Chart
              title={title}
              x={live.validations.map(({ step }) => placeOf(num(step)))}
              lines={[{ label: title, short: title, color: "--s1", values: of(key) }]}
              height={120}
              isSmall
              range={range}
              reference={gray === undefined || key === "colorfulnessRatio"
                ? { value: key === "colorfulnessRatio" ? 1 : NaN, text: "" }
                : { value: gray, text: "gray" }}
              nameX={nameX}
            />
          </div>
        ))}
      {rates.length > 0 && (
        <div class="measure">
          <h3>
            Learning rates <b>{figure(curves.newest("lr_g"))}</b>
          </h3>
          <p>lrD {figure(curves.newest("lr_d"))}</p>
          <Chart
            title="Learning rates"
            x={rateX}
            lines={rates.map((rate) => ({ ...rate }))}
            height={120}
            isSmall
            range={range}
            nameX={nameX}
          />
        </div>
      )}
    </div>
  );
}

/** A job without numbers says what it does instead. */
function Waiting({ live }: { live: JobLive }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 300);
    return () => clearTimeout(timer);
  }, []);
  const { photosDone, photosTotal, phase = "" } = live.progress ?? {};
  const words = phase.endsWith("PREPARING")
    ? `Preparing ${num(photosDone)} of ${num(photosTotal)} photos.`
    : "The first losses come after the first step.";
  return (
    <section class="card" aria-labelledby="waiting">
      <header class="card-head">
        <h2 id="waiting">Curves</h2>
      </header>
      <p class="pad">{isLong ? words : ""}</p>
    </section>
  );
}
