import { differenceScale } from "../color/difference_colors.ts";
import { type DrawnSheet, drawSampleSheet, type SheetRow } from "../drawing/sample_sheet.ts";
import type { ShownPhoto } from "./evaluator.ts";
import type { PhotoMeasures } from "./measures.ts";

const columnTitles = ["L", "colorized", "real", "chroma at L = 50", "ΔE map"];

/** A row with three columns, L | colorized | real. */
export function shortRow({ gray, colorized, real, judgement }: ShownPhoto): SheetRow {
  const decibels = ({ psnr }: PhotoMeasures) => `${psnr.toFixed(1)} dB`;
  return {
    pictures: [gray, colorized, real],
    captions: [decibels(judgement.gray), decibels(judgement.colorized), ""],
  };
}

/**
 * Draws photos as a sheet, a row each: L | colorized | real | chroma at L = 50 | ΔE map, with PSNR
 * and mean ΔE2000 below, and how colourful the result is beside the photo.
 *
 * @param shown at least one.
 * @returns a PNG.
 */
export async function composeProbeSheet(
  shown: readonly ShownPhoto[],
  options: { readonly title: string },
): Promise<Uint8Array> {
  return (await drawProbeSheet(shown, options)).png;
}

/** The same sheet, with the places of its pictures. */
export async function drawProbeSheet(
  shown: readonly ShownPhoto[],
  { title }: { readonly title: string },
): Promise<DrawnSheet> {
  return await drawSampleSheet(shown.map(probeRow), {
    title,
    subtitle: differenceScale,
    columnTitles,
    maxRows: shown.length,
  });
}

function probeRow({ gray, colorized, real, chroma, difference, judgement }: ShownPhoto): SheetRow {
  const caption = ({ psnr, deltaE2000 }: PhotoMeasures) =>
    `${psnr.toFixed(1)} dB  ΔE ${deltaE2000.toFixed(1)}`;
  const { colorized: made, gray: none, realColorfulness } = judgement;
  const share = Math.round(100 * made.colorfulness / realColorfulness);
  return {
    pictures: [gray, colorized, real, chroma, difference],
    captions: [
      caption(none),
      caption(made),
      "",
      Number.isFinite(share) ? `${share}% as colourful` : "",
      `mean ΔE ${made.deltaE2000.toFixed(1)}`,
    ],
  };
}
