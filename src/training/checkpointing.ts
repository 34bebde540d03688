import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  type Checkpoint,
  GENERATOR_EMA_FILE,
  GENERATOR_FILE,
} from "../checkpoints/checkpoint_folder.ts";
import type { SafetensorsFile, TensorSource } from "../checkpoints/safetensors.ts";
import { JsonFields } from "../files/json_fields.ts";
import { refuseUnsound } from "../checkpoints/sound_numbers.ts";
import { compareTensorSpecs, type SettingNames } from "../checkpoints/tensor_specs.ts";
import { discriminatorNorm } from "../config/losses.ts";
import { parseTrainingConfig } from "../config/training.ts";
import type { Adam } from "../engine/adam.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { withZeroInputs } from "../model/initializers.ts";
import type { Network } from "../model/network.ts";
import { isTrainable, type ParameterSpec, pytorchShape } from "../model/parameters.ts";
import {
  channelsFirst,
  channelsLast,
  fromPytorchLayout,
  toPytorchLayout,
} from "../model/pytorch_layout.ts";
import type { Variable } from "../engine/variable.ts";
import type { Gan } from "./gan.ts";
import type { HistoryPool } from "./history_pool.ts";

/** A tensor of a checkpoint's file: its name and shape there, and the variable that holds it. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly variable: Variable;
  /** To the file's layout, a copy even where that is ours, and back. */
  readonly toFile: (value: Tensor) => Tensor;
  readonly fromFile: (value: Tensor) => Tensor;
  /** So many of a convolution's inputs need not be there; see `ParameterSpec`. */
  readonly zeroInputs?: number | undefined;
}

/** The settings that decide the shapes of files besides the generator's. */
const settingsOf = {
  D: { width: "ndf", depth: "nLayers" },
  pool: { width: "poolSize", depth: "size" },
};

/** The encoder that the perceptual loss sees with. */
const FROZEN_ENCODER_FILE = "perceptual.safetensors";

/** What is in a file of a checkpoint. */
interface FileOfState {
  readonly entries: readonly Entry[];
  readonly settings: SettingNames;
}

/** The files of a checkpoint; Adam's moments carry PyTorch's names. */
function filesOf(gan: Gan): Map<string, FileOfState> {
  const depth = gan.config.generator === "unet" ? "nDown" : "generator";
  const settingsOfG = { width: "ngf", depth };
  const files = new Map<string, FileOfState>([
    [GENERATOR_FILE, { entries: networkEntries(gan.generator), settings: settingsOfG }],
    [
      "discriminator.safetensors",
      { entries: networkEntries(gan.discriminator), settings: settingsOf.D },
    ],
    [
      "optimizer_G.safetensors",
      { entries: adamEntries(gan.generator, gan.adamG), settings: settingsOfG },
    ],
    [
      "optimizer_D.safetensors",
      { entries: adamEntries(gan.discriminator, gan.adamD), settings: settingsOf.D },
    ],
    ...(gan.ema === undefined ? [] : [
      [
        GENERATOR_EMA_FILE,
        { entries: networkEntries(gan.ema.network), settings: settingsOfG },
      ] as const,
    ]),
  ]);
  if (gan.frozenEncoder !== undefined) {
    const entries = networkEntries(gan.frozenEncoder.network);
    files.set(FROZEN_ENCODER_FILE, { entries, settings: settingsOfG });
  }
  if (gan.pool !== undefined) {
    files.set("pool.safetensors", { entries: poolEntries(gan.pool), settings: settingsOf.pool });
  }
  return files;
}

/** Every variable of the state, in the same order for the same configuration. */
export function stateVariables(gan: Gan): Variable[] {
  return [...filesOf(gan).values()].flatMap(({ entries }) =>
    entries.map(({ variable }) => variable)
  );
}

function networkEntries(network: Network): Entry[] {
  return network.specs.map((spec) => parameterEntry(spec.name, spec, network.variable(spec.name)));
}

function adamEntries(network: Network, { m, v }: Adam): Entry[] {
  return network.specs.filter(isTrainable).flatMap((spec) => [
    parameterEntry(`exp_avg.${spec.name}`, spec, m.get(spec.name)!),
    parameterEntry(`exp_avg_sq.${spec.name}`, spec, v.get(spec.name)!),
  ]);
}

function parameterEntry(name: string, spec: ParameterSpec, variable: Variable): Entry {
  return {
    name,
    shape: pytorchShape(spec),
    variable,
    toFile: (value) => toPytorchLayout(value, spec),
    fromFile: (value) => fromPytorchLayout(value, spec),
    zeroInputs: spec.zeroInputs,
  };
}

/** The pool's pictures lie in the file as PyTorch has pictures, [poolSize, 3, H, W]. */
function poolEntries({ pictures, filled }: HistoryPool): Entry[] {
  const [count = 0, height = 0, width = 0, channels = 0] = pictures.shape;
  return [
    {
      name: "pictures",
      shape: [count, channels, height, width],
      variable: pictures,
      toFile: channelsFirst,
      fromFile: channelsLast,
    },
    {
      name: "filled",
      shape: [1],
      variable: filled,
      toFile: (value) => tf.add(value, 0),
      fromFile: (value) => value.clone(),
    },
  ];
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
    tensors[file] = entries.map(({ name, shape, variable, toFile }) => {
      const copy = tf.tidy(() => toFile(variable.read()));
      kept.add(copy);
      return {
        name,
        dtype: "F32",
        shape: [...shape],
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
 * Puts a checkpoint's state into the networks, the optimizers and the pool.
 *
 * @throws TinctError `failed_precondition` when it is of another configuration or has numbers that are
 *   not finite, `data_loss` when it cannot be read, `not_found` when it has no optimizers, as an exported model has none.
 */
export function restoreGan(gan: Gan, checkpoint: Checkpoint): Promise<void> {
  return restore(gan, checkpoint, [...filesOf(gan)]);
}

/**
 * Puts a checkpoint's weights into the networks, and leaves the rest of the state as it is. A
 * generator that takes hints may begin with the weights of one that does not.
 *
 * @throws TinctError as `restoreGan`; the optimizers need not be there. `failed_precondition` where a
 *   perceptual loss is to see with the checkpoint's frozen encoder, and it has none.
 */
export function restoreNetworks(gan: Gan, checkpoint: Checkpoint): Promise<void> {
  if (
    gan.frozenEncoder && !checkpoint.info.files.some(({ name }) => name === FROZEN_ENCODER_FILE)
  ) {
    throw new TinctError(
      "failed_precondition",
      `${checkpoint.info.path} has no encoder that a perceptual loss could see with ` +
        `(${FROZEN_ENCODER_FILE}): the run that it is from had none. Begin with the weights of a ` +
        "trained encoder instead, or let the loss see with a VGG16.",
    );
  }
  const networks = [GENERATOR_FILE, "discriminator.safetensors", FROZEN_ENCODER_FILE];
  const chosen = [...filesOf(gan)].filter(([name]) => networks.includes(name));
  return restore(gan, checkpoint, chosen, { takesFewer: true });
}

/**
 * The entries as a file has them that was written before the network saw more than L: its first
 * convolution has fewer inputs, and the others begin at 0.
 */
function entriesOfFewer(file: SafetensorsFile, entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => {
    const { zeroInputs = 0 } = entry;
    const [output = 0, input = 0, ...kernel] = entry.shape;
    const found = file.tensors.find(({ name }) => name === entry.name)?.shape;
    if (zeroInputs === 0 || found?.[1] !== input - zeroInputs) return entry;
    return {
      ...entry,
      shape: [output, input - zeroInputs, ...kernel],
      fromFile: (value: Tensor) => withZeroInputs(entry.fromFile(value), zeroInputs),
    };
  });
}

async function restore(
  gan: Gan,
  checkpoint: Checkpoint,
  chosen: readonly (readonly [name: string, FileOfState])[],
  { takesFewer = false } = {},
): Promise<void> {
  refuseOtherDiscriminator(gan, checkpoint);
  const files = chosen.map(([name, { entries: whole, settings }]) => {
    const file = checkpoint.file(name);
    const entries = takesFewer ? entriesOfFewer(file, whole) : whole;
    refuseOtherConfiguration(file, entries, settings);
    return { file, entries };
  });
  for (const { file, entries } of files) {
    for (const { name, shape, variable, fromFile } of entries) {
      const values = new Float32Array((await file.read(name)).buffer);
      refuseUnsound(values, { name, path: file.path });
      tf.tidy(() => variable.assign(fromFile(tf.tensor(values, [...shape]))));
    }
  }
}

/**
 * Discriminators of instance norm and none have the same tensors, and so have those that judge ab or
 * sRGB: only the configuration tells them apart.
 */
function refuseOtherDiscriminator(gan: Gan, { info: { state, path } }: Checkpoint): void {
  const fields = new JsonFields(state, path, "state.");
  if (!fields.has("config")) return; // written by another program
  const config = parseTrainingConfig(fields.object("config").value);
  const refuse = (was: string, wanted: string, options: string): never => {
    throw new TinctError(
      "failed_precondition",
      `${path} is of another configuration: its discriminator was trained with ${was}, not with ` +
        `${wanted} (${options}).`,
    );
  };
  const norm = discriminatorNorm(config);
  if (norm !== gan.patchgan.norm) {
    const [was, wanted] = [describeNorm(norm), describeNorm(gan.patchgan.norm)];
    refuse(was, wanted, "normD, which ganMode decides where it is auto");
  }
  if (config.judge !== gan.config.judge) {
    refuse(describeJudged(config.judge), describeJudged(gan.config.judge), "judge");
  }
}

function describeJudged(judge: Gan["config"]["judge"]): string {
  return judge === "ab" ? "L beside ab" : "sRGB pictures";
}

function describeNorm(norm: string | undefined): string {
  return norm === "none" ? "no norm" : `${norm} norm`;
}

function refuseOtherConfiguration(
  file: SafetensorsFile,
  entries: readonly Entry[],
  settings: SettingNames,
): void {
  const expected = entries.map(({ name, shape }) => ({ name, shape }));
  const difference = compareTensorSpecs(expected, file.tensors, { settings });
  if (difference === undefined) return;
  throw new TinctError(
    "failed_precondition",
    `${file.path} is of another configuration: ${difference}`,
  );
}
