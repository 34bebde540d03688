import { performance } from "node:perf_hooks";
import { messageOf, TinctError } from "../errors.ts";
import { PhotoError } from "../images/photo_error.ts";
import { isMostlyCast, type PictureColors } from "../hints/picture_colors.ts";
import { shown, shownStack } from "../shown.ts";
import type { PhotoInput } from "./photo_inputs.ts";
import { printJsonLine } from "../terminal/print_json.ts";
import { counted, formatDuration } from "../terminal/quantities.ts";

/** A result on the disk. */
export interface WrittenPhoto {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** How many there are in it; 1 where only the first of the photo's pages or frames was colorized. */
  readonly pages: number;
  /** Pages or frames of the photo that are not in it. */
  readonly pagesLeftOut: number;
  /** What a person would see of its colours; undefined where an older server does not say. */
  readonly colors: PictureColors | undefined;
}

/** What of a result's colours a person should look at; undefined where there is nothing. */
function findingOf(colors: PictureColors): string | undefined {
  const { cast, isNearlyGray, colorfulness } = colors;
  if (isNearlyGray) {
    return `the result is nearly gray (colourfulness ${colorfulness.toFixed(1)}); --saturation, ` +
      "--hint or another model may help.";
  }
  if (!isMostlyCast(colors)) return undefined;
  return `most colour of the result is a ${toneOf(cast)} cast; --remove-cast takes it off.`;
}

/** The name of a hue, by its angle in a* and b*. */
function toneOf({ a, b }: PictureColors["cast"]): string {
  const degrees = (Math.atan2(b, a) * 180 / Math.PI + 360) % 360;
  const tones = ["pink", "orange", "yellow", "green", "green", "cyan", "blue", "violet"] as const;
  return tones[Math.round(degrees / 45) % 8]!;
}

/** Tells what becomes of each photo: results on stdout, failures and the sum on stderr. */
export class ColorizeReport {
  readonly #count: number;
  readonly #debug: boolean;
  readonly #json: boolean;
  readonly #startMs = performance.now();
  #told = 0;
  #failed = 0;

  /** @param options `debug`: show the stacks of errors; `json`: print each photo as a line of JSON. */
  constructor(
    count: number,
    { debug, json }: { readonly debug: boolean; readonly json: boolean },
  ) {
    this.#count = count;
    this.#debug = debug;
    this.#json = json;
  }

  /** How many photos failed so far. */
  get failed(): number {
    return this.#failed;
  }

  /** Tells of a result. */
  written({ name, path: photo }: PhotoInput, written: WrittenPhoto): void {
    const { path, width, height, durationMs, pages, pagesLeftOut, colors } = written;
    if (this.#json) {
      this.#told++;
      const seconds = Number((durationMs / 1000).toFixed(3));
      const seen = colors && {
        colorfulness: Number(colors.colorfulness.toFixed(2)),
        castA: Number(colors.cast.a.toFixed(2)),
        castB: Number(colors.cast.b.toFixed(2)),
        nearlyGray: colors.isNearlyGray,
      };
      const size = { width, height, pages, pagesLeftOut };
      return printJsonLine({ photo, result: path, ...size, ...seen, seconds });
    }
    const took = formatDuration(durationMs);
    const size = `${width} x ${height}${pages > 1 ? `, ${pages} pages` : ""}`;
    console.log(`${this.#place()}${name} → ${shown(path)} (${size}, ${took})`);
    if (pagesLeftOut > 0) {
      console.error(
        `${name}: only the first of ${pagesLeftOut + 1} pages or frames was colorized.`,
      );
    }
    const finding = colors && findingOf(colors);
    if (finding) console.error(`${name}: ${finding}`);
  }

  /** Tells of a photo that has none. */
  failure({ name, path }: PhotoInput, error: unknown): void {
    this.#failed++;
    if (this.#json) {
      const code = error instanceof TinctError ? error.code : "internal";
      printJsonLine({ photo: path, code, error: messageOf(error) });
    }
    console.error(`${this.#place()}${this.#describe(name, error)}`);
  }

  /** Tells how many there are in the end. */
  end(): void {
    const duration = formatDuration(performance.now() - this.#startMs);
    const photos = counted(this.#count, "photo");
    console.error(
      this.#failed === 0
        ? `Colorized ${photos} in ${duration}.`
        : `Colorized ${this.#told - this.#failed} of ${photos} in ${duration}; ` +
          `${this.#failed} failed.`,
    );
  }

  #place(): string {
    this.#told++;
    return this.#count === 1 ? "" : `[${this.#told}/${this.#count}] `;
  }

  #describe(name: string, error: unknown): string {
    if (this.#debug && error instanceof Error) {
      return `${name}: ${shownStack(error)}`;
    }
    return error instanceof PhotoError ? error.message : `${name}: ${shown(messageOf(error))}`;
  }
}
