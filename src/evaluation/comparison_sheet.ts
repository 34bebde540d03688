import { differenceScale } from "../color/difference_colors.ts";
import { composeSampleSheet } from "../drawing/sample_sheet.ts";
import type { ShownPhoto } from "../validation/evaluator.ts";
import { composeProbeSheet } from "../validation/probe_sheet.ts";

/**
 * Draws what models made of the same photos: of one the five columns of a probe sheet, of two L |
 * first | second | real | the ΔE map of each.
 *
 * @param shown for each of one or two models the same photos, at least one.
 * @returns a PNG.
 */
export async function composeComparisonSheet(
  shown: readonly (readonly ShownPhoto[])[],
  { title }: { readonly title: string },
): Promise<Uint8Array> {
  const [one = [], two] = shown;
  if (two === undefined) return await composeProbeSheet(one, { title });
  const rows = one.map((first, i) => {
    const second = two[i]!;
    const caption = ({ psnr, deltaE2000 }: ShownPhoto["judgement"]["gray"]) =>
      `${psnr.toFixed(1)} dB  ΔE ${deltaE2000.toFixed(1)}`;
    const made = [first, second].map(({ judgement }) => judgement.colorized);
    return {
      pictures: [
        first.gray,
        first.colorized,
        second.colorized,
        first.real,
        first.difference,
        second.difference,
      ],
      captions: [
        caption(first.judgement.gray),
        ...made.map(caption),
        "",
        ...made.map(({ deltaE2000 }) => `mean ΔE ${deltaE2000.toFixed(1)}`),
      ],
    };
  });
  const columnTitles = ["L", "model 1", "model 2", "real", "ΔE map of 1", "ΔE map of 2"];
  const maxRows = rows.length;
  return await composeSampleSheet(rows, {
    title,
    subtitle: differenceScale,
    columnTitles,
    maxRows,
  });
}
