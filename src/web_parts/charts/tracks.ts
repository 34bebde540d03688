import type { Validation } from "../contract/messages.ts";
import { type Quantity, smoothed } from "../live/curves.ts";
import type { JobLive } from "../live/job_live.ts";
import { runningTime } from "../live/running_time.ts";
import { num } from "../words.ts";
import type { Line } from "./chart.tsx";
import type { Axis } from "./curve_view.tsx";

/** The most points of a line among others. */
const MOST_POINTS = 800;

type Values = readonly (number | null | undefined)[];

/** A line on an x axis of its own. */
interface Track extends Omit<Line, "values" | "raw" | "least" | "greatest"> {
  readonly x: readonly number[];
  readonly values: Values;
  readonly raw?: Values;
  readonly least?: Values;
  readonly greatest?: Values;
}

/** The parts of a track that have a value a point. */
const parts = ["values", "raw", "least", "greatest"] as const;

/** A quantity of jobs that continue one another, as one line without its looks. */
export function lossTrack(
  lives: readonly JobLive[],
  quantity: Quantity,
  { axis, weight }: { readonly axis: Axis; readonly weight: number },
): Pick<Track, "x" | "values" | "raw" | "least" | "greatest"> {
  const places = placesOf(lives, axis);
  const all = lives.flatMap(({ curves }, part) =>
    curves.steps.map((_, at) => {
      const column = curves.columns.get(quantity);
      const of = (values: readonly (number | null)[] | undefined) => values?.[at] ?? null;
      const mean = of(column?.mean);
      return {
        x: places[part]?.x[at] ?? 0,
        mean,
        least: of(column?.least),
        greatest: of(column?.greatest),
      };
    })
  );
  const lines = smoothed(all.map(({ mean }) => mean), weight);
  const points = all.map((point, at) => ({ ...point, value: lines[at] ?? null }));
  const each = Math.ceil(points.length / MOST_POINTS);
  const groups = Array.from(
    { length: Math.ceil(points.length / Math.max(1, each)) },
    (_, group) => points.slice(group * each, (group + 1) * each),
  );
  const extreme = (values: (number | null)[], choose: (...values: number[]) => number) => {
    const numbers = values.filter((value) => value !== null);
    return numbers.length === 0 ? null : choose(...numbers);
  };
  return {
    x: groups.map((group) => group.at(-1)?.x ?? 0),
    values: groups.map((group) => group.at(-1)?.value ?? null),
    raw: groups.map((group) => group.at(-1)?.mean ?? null),
    least: groups.map((group) => extreme(group.map(({ least }) => least), Math.min)),
    greatest: groups.map((group) => extreme(group.map(({ greatest }) => greatest), Math.max)),
  };
}

/** A measure at the validations of jobs that continue one another. */
export function measureTrack(
  lives: readonly JobLive[],
  measure: keyof Validation,
  axis: Axis,
): Pick<Track, "x" | "values"> {
  const places = placesOf(lives, axis);
  const points = lives.flatMap(({ validations }, part) =>
    validations.map((each) => ({
      x: places[part]?.of(num(each.step)) ?? 0,
      value: each[measure] === undefined ? null : Number(each[measure]),
    }))
  );
  return { x: points.map(({ x }) => x), values: points.map(({ value }) => value) };
}

/** Where the points of each job stand on an axis, and where a step does. Running times add up. */
export function placesOf(lives: readonly JobLive[], axis: Axis) {
  let beforeSeconds = 0;
  return lives.map(({ curves, states }) => {
    const running = runningTime(states);
    const from = beforeSeconds;
    const x = axis === "step"
      ? curves.steps
      : axis === "epoch"
      ? curves.epochs
      : curves.timesMs.map((ms) => from + running(ms));
    if (axis === "time") beforeSeconds = x.at(-1) ?? from;
    const of = (step: number) => {
      const at = curves.steps.findIndex((each) => each >= step);
      return x[at < 0 ? x.length - 1 : at] ?? (axis === "step" ? step : from);
    };
    return { x, of };
  });
}

/** Lines whose points stand at different places, over one x axis. */
export function overlaid(tracks: readonly Track[]): { x: number[]; lines: Line[] } {
  const x = [...new Set(tracks.flatMap((track) => track.x))].sort((a, b) => a - b);
  const places = new Map(x.map((value, at) => [value, at]));
  const lines = tracks.map((track): Line => {
    const line: Record<string, Values> = {};
    for (const part of parts) {
      const values = track[part];
      if (!values) continue;
      const spread: (number | null | undefined)[] = new Array(x.length).fill(undefined);
      track.x.forEach((value, at) => spread[places.get(value) ?? 0] = values[at]);
      line[part] = spread;
    }
    return { ...track, values: line["values"] ?? [], ...line };
  });
  return { x, lines };
}
