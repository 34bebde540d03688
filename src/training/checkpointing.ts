import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  type Checkpoint,
  GENERATOR_EMA_FILE,
  GENERATOR_FILE,
} from "../checkpoints/checkpoint_folder.ts";
import type { SafetensorsFile, TensorSource } from "../checkpoints/safetensors.ts";
import { compareTensorSpecs } from "../checkpoints/tensor_specs.ts";
import type { Adam } from "../engine/adam.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import type { Network } from "../model/network.ts";
import { isTrainable, type ParameterSpec } from "../model/parameters.ts";
import { fromPytorchLayout, pytorchShape, toPytorchLayout } from "../model/pytorch_layout.ts";
import type { Variable } from "../engine/variable.ts";
import type { Gan } from "./gan.ts";

/** A tensor of a checkpoint's file: its name there, and the variable that holds it. */
interface Entry {
  readonly name: string;
  readonly spec: ParameterSpec;
  readonly variable: Variable;
}

/** The settings that decide a file's shapes. */
const settingsOf = { G: { width: "ngf", depth: "nDown" }, D: { width: "ndf", depth: "nLayers" } };

/** The files of a checkpoint, and what is in them; Adam's moments carry PyTorch's names. */
function filesOf(gan: Gan): Map<string, { entries: Entry[]; settings: typeof settingsOf.G }> {
  return new Map([
    [GENERATOR_FILE, { entries: networkEntries(gan.generator), settings: settingsOf.G }],
    [
      "discriminator.safetensors",
      { entries: networkEntries(gan.discriminator), settings: settingsOf.D },
    ],
    [
      "optimizer_G.safetensors",
      { entries: adamEntries(gan.generator, gan.adamG), settings: settingsOf.G },
    ],
    [
      "optimizer_D.safetensors",
      { entries: adamEntries(gan.discriminator, gan.adamD), settings: settingsOf.D },
    ],
    ...(gan.ema === undefined ? [] : [
      [
        GENERATOR_EMA_FILE,
        { entries: networkEntries(gan.ema.network), settings: settingsOf.G },
      ] as const,
    ]),
  ]);
}

/** Every variable of the state, in the same order for the same configuration. */
export function stateVariables(gan: Gan): Variable[] {
  return [...filesOf(gan).values()].flatMap(({ entries }) =>
    entries.map(({ variable }) => variable)
  );
}

function networkEntries(network: Network): Entry[] {
  return network.specs.map((spec) => ({
    name: spec.name,
    spec,
    variable: network.variable(spec.name),
  }));
}

function adamEntries(network: Network, { m, v }: Adam): Entry[] {
  return network.specs.filter(isTrainable).flatMap((spec) => [
    { name: `exp_avg.${spec.name}`, spec, variable: m.get(spec.name)! },
    { name: `exp_avg_sq.${spec.name}`, spec, variable: v.get(spec.name)! },
  ]);
}

/** The state of training at one moment, on its way to a checkpoint. Owns its tensors. */
export interface GanSnapshot extends Disposable {
  /** For the store's `save`; each tensor is let go when it has been read. */
  readonly tensors: Readonly<Record<string, TensorSource[]>>;
}

/**
 * Copies the whole state on the device, so that it can be written while training goes on.
 *
 * @returns undefined when a number of it is not finite: such a state is not worth keeping.
 */
export async function snapshotGan(gan: Gan): Promise<GanSnapshot | undefined> {
  const kept = new Set<Tensor>();
  const tensors: Record<string, TensorSource[]> = {};
  const disposeAll = () => tf.dispose([...kept]);
  for (const [file, { entries }] of filesOf(gan)) {
    tensors[file] = entries.map(({ name, spec, variable }) => {
      const copy = tf.tidy(() => toPytorchLayout(variable.read()));
      kept.add(copy);
      return {
        name,
        dtype: "F32",
        shape: pytorchShape(spec),
        data: async () => {
          const values = await gan.engine.read(copy);
          kept.delete(copy);
          copy.dispose();
          return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        },
      };
    });
  }
  let isSound = false;
  try {
    isSound = await areFinite(gan.engine, [...kept]);
  } finally {
    if (!isSound) disposeAll();
  }
  return isSound ? { tensors, [Symbol.dispose]: disposeAll } : undefined;
}

async function areFinite(engine: Engine, tensors: readonly Tensor[]): Promise<boolean> {
  // 0 x is 0 for every number, and NaN for what is none.
  const zero = tf.tidy(() => tf.addN(tensors.map((tensor) => tf.sum(tf.mul(tensor, 0)))));
  const [sum] = await engine.read(zero);
  zero.dispose();
  return sum === 0;
}

/**
 * Puts a checkpoint's state into the networks and optimizers.
 *
 * @param options `ema`: false leaves the moving average as it is, whether the checkpoint has one or
 *   not.
 * @throws TinctError `failed_precondition` when it is of another configuration, `data_loss` when it
 *   cannot be read, `not_found` when it has no optimizers, as an exported model has none.
 */
export async function restoreGan(
  gan: Gan,
  checkpoint: Checkpoint,
  { ema = true }: { readonly ema?: boolean } = {},
): Promise<void> {
  const wanted = [...filesOf(gan)].filter(([name]) => ema || name !== GENERATOR_EMA_FILE);
  const files = wanted.map(([name, { entries, settings }]) => {
    const file = checkpoint.file(name);
    refuseOtherConfiguration(file, entries, settings);
    return { file, entries };
  });
  for (const { file, entries } of files) {
    for (const { name, spec, variable } of entries) {
      const values = new Float32Array((await file.read(name)).buffer);
      tf.tidy(() => variable.assign(fromPytorchLayout(tf.tensor(values, pytorchShape(spec)))));
    }
  }
}

function refuseOtherConfiguration(
  file: SafetensorsFile,
  entries: readonly Entry[],
  settings: typeof settingsOf.G,
): void {
  const expected = entries.map(({ name, spec }) => ({ name, shape: pytorchShape(spec) }));
  const difference = compareTensorSpecs(expected, file.tensors, { settings });
  if (difference === undefined) return;
  throw new TinctError(
    "failed_precondition",
    `${file.path} is of another configuration: ${difference}`,
  );
}
