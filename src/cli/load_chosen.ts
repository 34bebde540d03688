import type { Engine } from "../engine/engine.ts";
import { loadModel } from "../imported/load_model.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import { shown } from "../shown.ts";
import type { CheckpointChoice } from "./checkpoint_option.ts";

/** Loads a model as `loadModel` does, and says which. @param options `size`: 0 leaves it as trained. */
export async function loadChosen(
  engine: Engine,
  model: string,
  { size, ...options }: CheckpointChoice & { readonly size: number; readonly signal: AbortSignal },
): Promise<Colorizer> {
  const colorizer = await loadModel(engine, model, {
    ...options,
    size: size === 0 ? undefined : size,
    onWarning: ({ message }) => console.error(message),
  });
  const { path, step, weights } = colorizer.source;
  const ofStep = step === undefined ? "" : `, step ${step}`;
  const average = weights === "ema" ? ", moving average" : "";
  console.error(
    `Model: ${shown(path)}${ofStep}${average}, ` +
      `which sees ${colorizer.size} x ${colorizer.size} pixels.`,
  );
  return colorizer;
}
