import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { isThere } from "../files/folder_tree.ts";
import { Colorizer } from "../inference/colorizer.ts";
import { loadColorizer, type LoadColorizerOptions } from "../inference/load_colorizer.ts";
import { OnnxNetwork, openOnnx } from "../onnx/onnx_network.ts";
import { ImportedNetwork } from "./imported_network.ts";
import { ResizedNetwork } from "./resized_network.ts";
import { isImported, readImported } from "./imported_files.ts";

/** Which model is loaded, and how it runs. */
interface LoadModelOptions extends LoadColorizerOptions {
  /**
   * Whether an imported network sees its own size whatever `size` says, and its colours are brought to
   * that; by default `size` is what it sees.
   */
  readonly resizes?: boolean | undefined;
}

/**
 * Loads a model for colorizing, whoever made it.
 *
 * @param path the folder of an imported model, or what `loadColorizer` takes.
 * @returns the colorizer; the caller disposes of it.
 * @throws {TinctError} what `loadColorizer` throws; of an imported model: data_loss where a file of it is
 *   damaged, failed_precondition for a choice that it does not have, invalid_argument for a size that
 *   it cannot take.
 */
export async function loadModel(
  engine: Engine,
  path: string,
  { resizes = false, ...options }: LoadModelOptions = {},
): Promise<Colorizer> {
  if (isImported(path)) return await loadImported(engine, path, { ...options, resizes });
  if (path.endsWith(".onnx") && isThere(path)) {
    throw new TinctError(
      "failed_precondition",
      `${path} is a network of another program: \`tinct import ${path} --out FOLDER\` makes a model of ` +
        "it, whose folder you give here.",
    );
  }
  return await loadColorizer(engine, path, options);
}

async function loadImported(
  engine: Engine,
  folder: string,
  { checkpoint = "latest", weights, size, resizes, signal }: LoadModelOptions,
): Promise<Colorizer> {
  if (checkpoint !== "latest" || weights !== undefined) {
    const choice = weights === undefined ? `checkpoint ${checkpoint}` : `weights ${weights}`;
    throw new TinctError(
      "failed_precondition",
      `${folder} is an imported model, which has but one network: leave the choice of ${choice} out.`,
    );
  }
  const { profile, sizeMultiple, files: [file] } = await readImported(folder, { signal });
  const side = resizes ? profile.size : size ?? profile.size;
  const fits = side === profile.size || (sizeMultiple > 0 && side % sizeMultiple === 0);
  if (!fits) {
    const takes = sizeMultiple > 0 ? `a multiple of ${sizeMultiple}` : `${profile.size}`;
    throw new TinctError(
      "invalid_argument",
      `The size must be ${takes} for ${folder}, whose network takes no other, not ${side}.`,
    );
  }
  const model = await openOnnx(join(folder, file.name));
  const outputs = model.outputs.slice(0, 1);
  const network = await OnnxNetwork.load(engine, model, { outputs, signal });
  const imported = new ImportedNetwork(engine, network, { ...profile, size: side });
  const sees = size === undefined || size === side;
  return new Colorizer(engine, sees ? imported : new ResizedNetwork(engine, imported, size), {
    path: folder,
    step: undefined,
  });
}
