import { useEffect, useMemo, useState } from "preact/hooks";
import { quantities, type Quantity, smoothed } from "../../web_parts/live/curves.ts";
import type { JobLive } from "../../web_parts/live/job_live.ts";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { clock, num } from "../../web_parts/words.ts";
import { Chart, epochName, type Line, type Mark, stepName } from "../../web_parts/charts/chart.tsx";
import {
  CurveControls,
  followed,
  FollowToggle,
  useCurveView,
} from "../../web_parts/charts/curve_view.tsx";
import { eventColor, EventLane } from "../../web_parts/charts/event_lane.tsx";
import { Overview } from "../../web_parts/charts/overview.tsx";
import { placesOf } from "../../web_parts/charts/tracks.ts";
import type { Window } from "../../web_parts/charts/window.ts";
import type { HealthEvent } from "./health_card.tsx";
import { Measures } from "./measures.tsx";
import { looks } from "./quantity_looks.ts";

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
export function CurvesCard({ live, total, events, onStep }: {
  live: JobLive;
  /** The job's last step; 0: there is none yet. */
  total: number;
  events: readonly HealthEvent[];
  /** Called with the step that was pinned. */
  onStep: (step: number) => void;
}) {
  const view = useCurveView();
  const { axis, weight, isLog, setRange, nameX } = view;
  const [part, setPart] = useState<"balance" | "l1" | "validation">("balance");
  const { curves } = live;
  const places = useMemo(() => placesOf([live], axis)[0], [axis, live.version]);
  const { x, of: placeOf } = places ?? { x: curves.steps, of: (step: number) => step };
  const whole: Window = [x[0] ?? 0, x.at(-1) ?? 1];
  const range = followed(view, whole);
  const [pin, setPin] = useState<number>();
  const pinAt = (place: number | undefined) => {
    setPin(place);
    const at = place === undefined ? -1 : x.findIndex((each) => each >= place);
    const step = curves.steps[at];
    if (step !== undefined) onStep(step);
  };
  useEffect(() => setPin(undefined), [axis]);
  useKeys({ Escape: () => setPin(undefined) });
  const linesOf = (names: readonly Quantity[]) =>
    names.flatMap((name) => lineOf(live, name, weight));
  const shared = {
    x,
    isLog,
    range,
    onRange: setRange,
    nameX,
    marks: events.map(({ step, kind }): Mark => ({ x: placeOf(step), color: eventColor(kind) })),
    heading: (index: number) => headingOf(live, index),
    pin,
    onPin: pinAt,
  };
  if (curves.steps.length === 0) return <Waiting live={live} />;
  return (
    <section class={`card curves show-${part}`} aria-labelledby="curves">
      <header class="card-head">
        <h2 id="curves">Curves</h2>
        <CurveControls view={view}>
          {!live.isOver && <FollowToggle view={view} whole={whole} />}
        </CurveControls>
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
      <EventLane
        events={laneEvents(live, events).map(({ step, ...rest }) => ({
          ...rest,
          x: placeOf(step),
        }))}
        range={range ?? whole}
        onPick={pinAt}
      />
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
      <Overview
        x={x}
        values={curves.columns.get("loss_g_l1")?.mean ?? curves.columns.get("loss_g")?.mean ?? []}
        color="--ink3"
        range={range}
        onRange={setRange}
        nameX={nameX}
      />
      <p class="hint">
        <span>
          Drag to zoom, <kbd>Shift</kbd> drags along, double-click or <kbd>0</kbd>{" "}
          for the whole run; click or <kbd>Enter</kbd>{" "}
          pins the numbers. The faint band is every step; the line is its smoothed mean.
        </span>
        {axis === "step" && total > 0 && <span class="nowrap">to step {stepName(total)}</span>}
      </p>
      <Measures
        live={live}
        x={x}
        placeOf={placeOf}
        shared={{ range, nameX, marks: shared.marks, pin }}
      />
    </section>
  );
}

/** Where a point is on all axes: "step 1,400 · epoch 4.1 · 11:44:31". */
function headingOf({ curves: { steps, epochs, timesMs } }: JobLive, index: number): string {
  const epoch = epochName(epochs[index] ?? 0);
  return `step ${stepName(steps[index] ?? 0)} · epoch ${epoch} · ${clock(timesMs[index])}`;
}

/** Health events and checkpoints, for the lane above the curves. */
function laneEvents(live: JobLive, events: readonly HealthEvent[]) {
  const best = num(live.validations.findLast((each) => each.best)?.step);
  return [
    ...events.map(({ kind, step, text }) => ({
      kind,
      step,
      text: `${text} (step ${stepName(step)})`,
    })),
    ...live.checkpoints.map(({ step }) => ({
      kind: num(step) === best ? "best" as const : "checkpoint" as const,
      step: num(step),
      text: `Checkpoint of step ${stepName(num(step))}`,
    })),
  ];
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
