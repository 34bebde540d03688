import { join } from "node:path";
import { reading } from "../files/file_errors.ts";
import { isFolder, isThere } from "../files/folder_tree.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import type { FeatureExtractor } from "./feature_extractor.ts";
import { OnnxFeatures } from "./onnx_features.ts";
import { SavedModelFeatures } from "./saved_model_features.ts";

/**
 * Opens a network in SavedModel form (a folder that holds saved_model.pb) or in ONNX form (a file).
 *
 * @param output the name of the output to take; where there is one only it may be left out.
 * @returns the network; the caller's to dispose of.
 * @throws TinctError `not_found`, `invalid_argument` for a file of neither form or a network that
 *   does not go from pictures to features, `unimplemented` for ONNX operations that are not known.
 */
export async function openFeatureExtractor(
  engine: Engine,
  path: string,
  { output }: { readonly output?: string | undefined } = {},
): Promise<FeatureExtractor> {
  const isFolder = await isDirectory(path);
  if (!isFolder) return await OnnxFeatures.open(engine, path, output);
  if (!isThere(join(path, "saved_model.pb"))) {
    throw new TinctError(
      "invalid_argument",
      `${path} holds no saved_model.pb: give the folder of a SavedModel, or an ONNX file.`,
    );
  }
  return await SavedModelFeatures.open(engine, path, output);
}

async function isDirectory(path: string): Promise<boolean> {
  return await reading(path, isFolder(path));
}
