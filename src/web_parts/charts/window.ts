/** A part of the x axis that is shown: from, to. */
export type Window = readonly [number, number];

/** The least part of the whole that can be shown. */
const LEAST = 1e-4;

/** A window kept within the whole; undefined where it would show all of it. */
export function within([from, to]: Window, [first, last]: Window): Window | undefined {
  const whole = last - first;
  if (!(whole > 0) || to - from >= whole) return undefined;
  const width = Math.max(to - from, whole * LEAST);
  const start = Math.max(first, Math.min(from, last - width));
  return [start, start + width];
}

/** A window moved by so much, as wide as before; it stops at the ends. */
export function moved([from, to]: Window, by: number, whole: Window): Window | undefined {
  return within([from + by, to + by], whole);
}

/** A window made so many times as wide, around a place that stays where it is. */
export function scaled(
  [from, to]: Window,
  factor: number,
  around: number,
  whole: Window,
): Window | undefined {
  return within([around - (around - from) * factor, around + (to - around) * factor], whole);
}
