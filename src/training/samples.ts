import { join } from "node:path";
import { ensureFolder } from "../files/make_folder.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import type { Evaluator } from "../validation/evaluator.ts";
import type { TrainingEvent } from "./events.ts";
import { summarize } from "../validation/measures.ts";
import { drawProbeSheet } from "../validation/probe_sheet.ts";

/** Width and height of a PNG, from its header (PNG specification, 11.2.2 IHDR). */
function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * Colorizes photos with the generator as it is, measures them and writes them as a sheet.
 *
 * @param indices the photos.
 * @returns the event that tells of it, and the sheet's file.
 * @throws the signal's reason, before anything is written.
 */
export async function writeSampleSheet(
  evaluator: Evaluator,
  indices: ArrayLike<number>,
  runFolder: string,
  step: number,
  signal?: AbortSignal,
): Promise<{
  readonly event: Extract<TrainingEvent, { readonly kind: "sample" }>;
  readonly png: Uint8Array;
}> {
  const shown = await evaluator.show(indices, signal);
  signal?.throwIfAborted();
  const { png, ...layout } = await drawProbeSheet(shown, {
    title: `Step ${step.toLocaleString("en")}`,
  });
  const folder = join(runFolder, "samples");
  await ensureFolder(folder);
  const path = join(folder, `step-${String(step).padStart(8, "0")}.png`);
  await writeFileAtomically(path, png);
  const judgements = shown.map(({ judgement }) => judgement);
  const measures = summarize(judgements);
  const event = {
    kind: "sample",
    step,
    path,
    ...pngSize(png),
    measures,
    layout,
    judgements,
  } as const;
  return { event, png };
}
