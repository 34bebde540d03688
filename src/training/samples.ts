import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import { composeSampleSheet } from "../images/sample_sheet.ts";
import type { Evaluator } from "./evaluator.ts";
import type { TrainingEvent } from "./events.ts";

/** Width and height of a PNG, from its header (PNG specification, 11.2.2 IHDR). */
function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * Colorizes photos with the generator as it is and writes them as a sheet: L, colorized, real.
 *
 * @param indices the photos.
 * @returns the event that tells of it.
 */
export async function writeSampleSheet(
  evaluator: Evaluator,
  indices: ArrayLike<number>,
  runFolder: string,
  step: number,
): Promise<TrainingEvent> {
  const rows = await evaluator.sampleRows(indices);
  const title = `Step ${step.toLocaleString("en")}`;
  const png = await composeSampleSheet(rows, { title, maxRows: rows.length });
  const folder = join(runFolder, "samples");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `step-${String(step).padStart(8, "0")}.png`);
  await writeFileAtomically(path, png);
  return { kind: "sample", step, path, ...pngSize(png) };
}
