import { call, CallError } from "../../web_parts/contract/calls.ts";
import type { Colorized, ModelReference } from "../../web_parts/contract/messages.ts";
import { pictureUrl } from "../../web_parts/parts/picture_url.ts";
import type { Hint } from "./before_after.tsx";

/** A photo on its way to colour. */
export interface Photo {
  readonly id: number;
  readonly name: string;
  readonly file: File;
  /** The photo itself, as an address of this page. */
  readonly url: string;
  readonly hints: readonly Hint[];
  readonly state: "waiting" | "colorizing" | "done" | "failed";
  readonly problem: string;
  readonly result: { readonly url: string; readonly answer: Colorized } | undefined;
  /** What the result was made with; another wish makes it anew. */
  readonly wish: string;
}

/** How photos are colorized. */
export interface Wish {
  readonly model: ModelReference;
  readonly saturation: number;
  readonly removeCast: boolean;
  readonly refine: boolean;
}

let newest = 0;

/** A photo that was given. */
export function photoOf(file: File): Photo {
  return {
    id: ++newest,
    name: file.name,
    file,
    url: URL.createObjectURL(file),
    hints: [],
    state: "waiting",
    problem: "",
    result: undefined,
    wish: "",
  };
}

/** What a photo's result depends on, as a text. */
export function wishText(wish: Wish, { hints }: Photo): string {
  return JSON.stringify([wish, hints]);
}

/** Colorizes a photo. @returns what has changed of it. */
export async function colorize(
  photo: Photo,
  wish: Wish,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Partial<Photo>> {
  if (photo.file.size > maxBytes) {
    const problem = `${photo.name} has more than ${Math.floor(maxBytes / 2 ** 20)} MiB, ` +
      "which one call may bring: use `tinct colorize --server`.";
    return { state: "failed", problem };
  }
  try {
    const answer = await call<Colorized>("ColorizationService/Colorize", {
      image: await base64Of(photo.file),
      ...wish,
      hints: photo.hints.map(({ x, y, a, b }) => ({ x, y, radius: 4, ab: { a, b } })),
    }, signal);
    const url = pictureUrl(answer.image, answer.format);
    if (photo.result) URL.revokeObjectURL(photo.result.url);
    return { state: "done", problem: "", result: { url, answer: { ...answer, image: "" } } };
  } catch (error) {
    if (signal.aborted) return { state: "waiting" };
    return { state: "failed", problem: error instanceof CallError ? error.message : String(error) };
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new CallError("unavailable", `${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
