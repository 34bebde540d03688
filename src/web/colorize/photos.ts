import type { ColorizedPhoto, ModelReference } from "../../web_parts/contract/messages.ts";
import type { Reference } from "../../web_parts/pictures/palette.ts";
import type { Stroke } from "../../web_parts/pictures/strokes.ts";
import type { Size } from "../../web_parts/pictures/view.ts";

/** A point of a photo whose colour is given, in pixels of the photo as it is shown. */
export interface Hint {
  readonly x: number;
  readonly y: number;
  /** L* of the photo there. */
  readonly L: number;
  readonly a: number;
  readonly b: number;
}

/** A picture that came back. */
export interface Result {
  readonly blob: Blob;
  /** The picture as an address of this page. */
  readonly url: string;
  readonly answer: ColorizedPhoto;
  /** What else is to be known of how it was made; may be empty. */
  readonly remark: string;
}

/** What one model makes of a photo. */
export interface Attempt {
  readonly state: "waiting" | "colorizing" | "done" | "failed";
  readonly problem: string;
  /** The newest one; stays while another is made. */
  readonly result: Result | undefined;
  /** What it was made with; another wish makes it anew. */
  readonly wish: string;
}

/** A photo that was given, and what up to two models make of it. */
export interface Photo {
  readonly id: number;
  /** With its place in the folder that was given. */
  readonly name: string;
  readonly file: File;
  /** The photo itself, as an address of this page. */
  readonly url: string;
  /** In pixels, upright; undefined until it has been shown. */
  readonly size: Size | undefined;
  readonly hints: readonly Hint[];
  readonly strokes: readonly Stroke[];
  readonly attempts: readonly [Attempt, Attempt];
}

/** How photos are colorized, besides what each photo says by itself. */
export interface Wish {
  readonly model: ModelReference;
  readonly saturation: number;
  readonly removeCast: boolean;
  readonly refine: boolean;
  readonly format: string;
  /** 0: the format's own default. */
  readonly quality: number;
  readonly stripMetadata: boolean;
  /** A picture whose palette results get. */
  readonly reference: Reference | undefined;
}

const fresh: Attempt = { state: "waiting", problem: "", result: undefined, wish: "" };
let newest = 0;

/** A photo that was given. */
export function photoOf(file: File, name: string): Photo {
  const url = URL.createObjectURL(file);
  const attempts = [fresh, fresh] as const;
  return { id: ++newest, name, file, url, size: undefined, hints: [], strokes: [], attempts };
}

/** A photo as it is once its page was left: what was under way then has ended. */
export function asLeft(photo: Photo): Photo {
  return photo.attempts.reduce<Photo>(
    (each, { state }, slot) =>
      state === "colorizing" ? withAttempt(each, slot, { state: "waiting", wish: "" }) : each,
    photo,
  );
}

/** Whether a file may be a photo, by its type or name. */
export function isPhoto({ type, name }: File): boolean {
  return type.startsWith("image/") || /\.(?:jpe?g|png|webp|tiff?|gif|avif)$/i.test(name);
}

/** Changes what one model makes of a photo; the address of a result that is replaced is given up. */
export function withAttempt(photo: Photo, slot: number, news: Partial<Attempt>): Photo {
  const [one, other] = photo.attempts;
  const old = photo.attempts[slot]?.result;
  if (news.result && old) URL.revokeObjectURL(old.url);
  return {
    ...photo,
    attempts: slot === 0 ? [{ ...one, ...news }, other] : [one, { ...other, ...news }],
  };
}

/** Forgets the pictures of a photo that is taken off the list. */
export function releasePhoto({ url, attempts }: Photo): void {
  URL.revokeObjectURL(url);
  for (const { result } of attempts) if (result) URL.revokeObjectURL(result.url);
}

/** What a result depends on, as a text; it is compared, not sent. */
export function wishText({ reference, ...wish }: Wish, { hints, strokes }: Photo): string {
  const given = hints.map(({ x, y, a, b }) => [x, y, a, b]);
  return JSON.stringify([wish, reference?.id, given, strokes]);
}

/** From here on a cast can be seen, as the contract says. */
export const VISIBLE_CAST = 6;

/** How far what should be gray is off, in a*b*. */
export function castOf(result: Result | undefined): number {
  const { a = 0, b = 0 } = result?.answer.colors?.cast ?? {};
  return Math.hypot(a, b);
}

/** Whether a person should look at it: see `PictureColors`. */
export function hasDoubts({ result }: Attempt): boolean {
  return result?.answer.colors?.nearlyGray === true || castOf(result) >= VISIBLE_CAST;
}

/** What a result is saved as, such as "beach-colorized.jpg". @param model named where there are two. */
export function resultName({ name }: Photo, { answer }: Result, model = ""): string {
  const format = answer.format.replace("IMAGE_FORMAT_", "").toLowerCase();
  const of = model === "" ? "" : `-${model.replace(/[^\w.-]+/g, "_")}`;
  return `${name.replace(/\.[^./]*$/, "")}${of}-colorized.${format === "jpeg" ? "jpg" : format}`;
}
