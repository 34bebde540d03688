import { boolean } from "../config/option.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { MAX_HINTS, MAX_RADIUS } from "../hints/color_hint.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import type { ColorHint } from "../protocol/generated/tinct/v1/color_hint.ts";
import { text, texts } from "../terminal/arguments.ts";

/** A point whose colour a person says. */
type GivenHint = Required<Pick<ColorHint, "x" | "y" | "radius" | "rgb">> & {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
};

/** Options that say which colours things in a photo have. */
export const hintOptions = {
  hint: texts(
    "X,Y,#RRGGBB[,RADIUS]",
    "colour of what is there in the photo as it is shown, in pixels; may be repeated",
  ),
  strokes: text(
    "FILE",
    "picture of the photo's size that is transparent but for strokes in the colours of things",
  ),
  reference: text("FILE", "picture whose palette the predicted colours get"),
  removeCast: boolean(false, "take the cast off the predicted colours"),
  refine: boolean(false, "smooth the predicted colours, though not over edges of lightness"),
} as const;

/** What the options say against each other. */
export function hintViolations(
  { reference, removeCast }: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  if (reference === undefined || removeCast !== true) return [];
  const description = "does not go with --reference, which says which cast there is";
  return [{ field: "removeCast", description }];
}

/** What the options say. */
interface GivenHints {
  readonly hints: readonly GivenHint[];
  /** The file's bytes. */
  readonly strokes: Uint8Array | undefined;
  readonly reference: Uint8Array | undefined;
  readonly removeCast: boolean;
  readonly refine: boolean;
}

/**
 * Reads the options.
 *
 * @param photos how many there are to colorize, of whose pages all are with `isAllPages`.
 * @throws {TinctError} invalid_argument where they fit no photo; what reading the file fails with.
 */
export async function readHints(
  { hint, strokes, reference, removeCast, refine }: {
    readonly hint: readonly string[];
    readonly strokes: string | undefined;
    readonly reference: string | undefined;
    readonly removeCast: boolean;
    readonly refine: boolean;
  },
  photos: { readonly count: number; readonly isAllPages: boolean },
): Promise<GivenHints> {
  const hints = parseHints(hint);
  if (hints.length > 0 || strokes !== undefined) {
    const flag = hints.length > 0 ? "--hint" : "--strokes";
    const why = photos.count > 1
      ? `and there are ${photos.count}: colorize that one alone`
      : photos.isAllPages
      ? "so leave out --pages all"
      : undefined;
    if (why !== undefined) refuse(`${flag} says where things are in one picture, ${why}`);
  }
  const read = async (path: string | undefined) =>
    path === undefined ? undefined : (await readPhotoFile(path, path)).bytes;
  return {
    hints,
    strokes: await read(strokes),
    reference: await read(reference),
    removeCast,
    refine,
  };
}

/** Reads points as `--hint` has them. */
export function parseHints(given: readonly string[]): GivenHint[] {
  if (given.length > MAX_HINTS) {
    refuse(`--hint is given ${given.length} times, and ${MAX_HINTS} are the most: use --strokes`);
  }
  return given.map((hint) => {
    const match = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),#?([\da-f]{6})(?:,(\d+(?:\.\d+)?))?$/i.exec(
      hint,
    );
    if (match === null) {
      refuse(`--hint must be X,Y,#RRGGBB or X,Y,#RRGGBB,RADIUS, not ${JSON.stringify(hint)}`);
    }
    const [, x, y, color = "", radius = "0"] = match;
    if (Number(radius) > MAX_RADIUS) {
      refuse(`--hint has a radius of at most ${MAX_RADIUS} pixels, not ${radius}`);
    }
    return { x: Number(x), y: Number(y), radius: Number(radius), rgb: parseInt(color, 16) };
  });
}

function refuse(what: string): never {
  throw new TinctError("invalid_argument", `${what}.`);
}
