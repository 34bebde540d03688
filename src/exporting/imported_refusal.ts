import { TinctError } from "../errors.ts";

/**
 * Why a network of another program is not exported.
 *
 * @param model what it is called, at the beginning of a sentence.
 * @param file the name of the file that it was imported from; left out where it is that file.
 */
export function importedRefusal(model: string, file?: string): TinctError {
  const origin = file === undefined ? "is" : `was imported from ${file},`;
  return new TinctError(
    "failed_precondition",
    `${model} ${origin} a network of another program in ONNX form: that file is what other programs ` +
      "take. Only models that Tinct trained are exported.",
  );
}
