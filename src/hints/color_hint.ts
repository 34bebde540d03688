import { TinctError } from "../errors.ts";

/** The most points that a photo may be given: each takes a share of the time; strokes say more at once. */
export const MAX_HINTS = 1000;

/** The largest disc of a point, in pixels: what is larger is a matter of spreading. */
export const MAX_RADIUS = 100;

/** The colour that a thing in a photo has, as a person says it. */
export interface ColorHint {
  /** Pixels from the left edge of the photo as it is shown, upright; in [0, width). */
  readonly x: number;
  /** Pixels from its top edge, in [0, height). */
  readonly y: number;
  /** Of the disc that has the colour, in pixels, 0 to 100; 0: the pixel alone. */
  readonly radius: number;
  /** In the units of L*a*b*. Both 0: gray. */
  readonly a: number;
  readonly b: number;
}

/** The size of a photo as it is shown, upright, in pixels. */
export interface ShownSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Refuses points that lie outside of their photo, and pixels that are given two colours.
 *
 * @param field what the list is called where it was given.
 * @throws {TinctError} invalid_argument that names each.
 */
export function refuseWrongHints(
  hints: readonly ColorHint[],
  { width, height }: ShownSize,
  field = "hints",
): void {
  const violations = hints.flatMap(({ x, y }, index) => {
    if (x >= 0 && y >= 0 && x < width && y < height) return [];
    const description =
      `lies outside of the photo, which is ${width} x ${height} pixels as it is ` +
      "shown, counted from 0 at its upper left corner";
    return [{ field: `${field}[${index}]`, description, place: `(${x}, ${y})` }];
  });
  violations.push(...contradictions(hints, field));
  const [first] = violations;
  if (first === undefined) return;
  const more = violations.length === 1
    ? ""
    : ` (and ${violations.length - 1} more hints are wrong)`;
  const message = `The hint at ${first.place} ${first.description}${more}.`;
  throw new TinctError("invalid_argument", message, {
    violations: violations.map(({ field, description }) => ({ field, description })),
  });
}

/** Points whose pixel another one gives another colour. */
function contradictions(hints: readonly ColorHint[], field: string) {
  const byPixel = new Map<string, number>();
  return hints.flatMap(({ x, y, a, b }, index) => {
    const pixel = `(${Math.floor(x)}, ${Math.floor(y)})`;
    const before = byPixel.get(pixel);
    byPixel.set(pixel, index);
    const other = before === undefined ? undefined : hints[before];
    if (other === undefined || Math.hypot(other.a - a, other.b - b) < 1) return [];
    const description = `gives its pixel another colour than ${field}[${before}] does`;
    return [{ field: `${field}[${index}]`, description, place: pixel }];
  });
}
