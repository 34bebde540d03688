/** Dashes of the hues in turn, the first time round and the second. */
const dashes: readonly (readonly number[] | undefined)[] = [
  ...[undefined, undefined, [5, 3], [2, 2.5], undefined, [8, 3]],
  ...[[5, 3], [2, 2.5], undefined, [8, 3], [5, 3], undefined],
];

/** A hue and a dash, in the form of a chart's line. */
export interface Look {
  readonly color: string;
  readonly dash?: readonly number[];
}

/** How many looks differ. */
export const LOOKS = dashes.length;

/** The look of a number from 0. */
export function lookOf(place: number): Look {
  const dash = dashes[place % LOOKS];
  return { color: `--s${place % 6 + 1}`, ...(dash && { dash }) };
}

/** A piece of the line, beside its name. */
export function LineSample({ look: { color, dash } }: { look: Look }) {
  return (
    <svg class="line-sample" viewBox="0 0 22 4" width="22" height="4" aria-hidden="true">
      <path d="M0 2h22" stroke={`var(${color})`} stroke-dasharray={dash?.join(" ")} />
    </svg>
  );
}
