import { setImmediate as pause } from "node:timers/promises";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { messageOf, TinctError } from "../errors.ts";
import { OnnxNetwork, openOnnx } from "../onnx/onnx_network.ts";
import { own, plain, shapeOf } from "../onnx/onnx_value.ts";
import { namedProfiles } from "../profiles/color_profile.ts";
import type { NetworkFacts } from "../profiles/imported_folder.ts";
import {
  type ChosenProfile,
  guessProfile,
  type NetworkShape,
  profileSaid,
  refuse,
  requireInputs,
} from "./choose_profile.ts";
import { inputsOf } from "./imported_network.ts";
import { photoInput } from "./profiled_colors.ts";

/** What is tried beyond this side, to find what sides must be multiples of; a multiple of all of those. */
const BASE_SIDE = 128;

/** What sides may have to be multiples of. */
const multiples = [1, 2, 4, 8, 16, 32, 64] as const;

/** What DeOldify's last layer bounds its output to, and a little: sigmoid * 6 - 3. */
const DEOLDIFY_BOUND = 3.01;

/**
 * Looks at a network before it is used: reads and computes it, and finds out its profile and the
 * sizes that it can take.
 *
 * @param path an .onnx file.
 * @param said a name of a profile, or its JSON; "": it is guessed.
 * @throws {TinctError} invalid_argument, data_loss, unimplemented or not_found, with what is wrong with the
 *   file and the node; the violations of what is wrong with the profile name its fields.
 */
export async function examineNetwork(
  engine: Engine,
  path: string,
  { said = "", signal }: { readonly said?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<NetworkFacts> {
  const wished = profileSaid(said);
  const model = await openOnnx(path);
  const sides = sidesOf(path, model.inputs);
  const [output] = model.outputs;
  if (output === undefined) throw new TinctError("data_loss", `${path} gives nothing.`);
  using network = await OnnxNetwork.load(engine, model, { outputs: [output], signal });
  const shape: NetworkShape = {
    path,
    inputs: [...model.inputs.values()].map(([, channels = -1]) =>
      channels < 0 ? undefined : channels
    ),
    operations: new Set(network.nodes.map(({ operation }) => operation)),
  };
  if (wished) requireInputs(shape, wished.profile);
  using trial = new Trial(engine, network, path);
  const chosen = wished ??
    guessProfile(shape, channelsOf(trial.outputShape(sides.fixed ?? BASE_SIDE)));
  const usual = chosen.name && namedProfiles[chosen.name].size;
  const size = chosen.profile.size ?? sides.fixed ?? usual ?? 256;
  if (sides.fixed !== undefined && size !== sides.fixed) {
    refuse(`${path} sees squares of ${sides.fixed} pixels, and the profile says ${size}.`);
  }
  const sizeMultiple = sides.fixed === undefined ? await findMultiple(trial, size, path) : 0;
  const channels = chosen.profile.output.colors === "ab" ? 2 : 3;
  const given = trial.outputShape(size);
  if (`${given}` !== `${[1, channels, size, size]}`) {
    refuse(
      `${path} gives ${output} of the shape [${given}] for squares of ${size} pixels, and its profile ` +
        `says [1, ${channels}, ${size}, ${size}].`,
    );
  }
  const profile = { ...chosen.profile, size };
  signal?.throwIfAborted();
  await requireNumbers(trial, profile, chosen);
  return {
    profile,
    profileName: chosen.name,
    opset: model.opset,
    parameters: network.constantCount,
    sizeMultiple,
  };
}

/** The side of the squares that a file says; undefined where it leaves it open. */
function sidesOf(
  path: string,
  inputs: ReadonlyMap<string, readonly number[]>,
): { readonly fixed: number | undefined } {
  if (inputs.size === 0) throw new TinctError("data_loss", `${path} takes no photo.`);
  for (const [name, shape] of inputs) {
    if (shape.length !== 4) {
      refuse(
        `${path} takes ${name} of rank ${shape.length}, which is no photo: [1, channels, height, width] is.`,
      );
    }
    const [batch = -1, channels = -1, height = -1, width = -1] = shape;
    if (batch > 1) {
      refuse(`${path} takes ${batch} photos at a time; export it with 1, or any number.`);
    }
    const isChannelsLast = (channels > 4 || channels < 0) && width <= 4 && width > 0;
    if (isChannelsLast && channels < 0) {
      refuse(
        `${path} takes ${name} as [photos, height, width, channels] of any size; what is imported sees ` +
          "a square, [1, channels, height, width]. If `tinct export --whole` wrote it, use the model itself.",
      );
    }
    if (isChannelsLast) {
      refuse(
        `${path} takes ${name} as [1, height, width, channels]; export it as [1, channels, height, width].`,
      );
    }
    if (height !== width) {
      refuse(
        `${path} sees ${sized(width)} x ${
          sized(height)
        } pixels; export it for squares, or any size.`,
      );
    }
  }
  const all = new Set([...inputs.values()].map(([, , height = -1]) => height));
  if (all.size > 1) {
    refuse(`${path} takes inputs of different sizes: ${[...all].map(sized).join(", ")} pixels.`);
  }
  const [side = -1] = all;
  return { fixed: side < 0 ? undefined : side };
}

function sized(side: number): string {
  return side < 0 ? "any" : String(side);
}

/** Channels of what a network gives. */
function channelsOf(shape: readonly number[]): number {
  return shape.length === 4 ? shape[1]! : 0;
}

/**
 * Tries a network: what it gives for squares of which side. Owns what was traced last, since to trace a
 * large network takes seconds.
 */
class Trial implements Disposable {
  readonly #engine: Engine;
  readonly #network: OnnxNetwork;
  readonly #path: string;
  #last: TracedNetwork | undefined;

  constructor(engine: Engine, network: OnnxNetwork, path: string) {
    this.#engine = engine;
    this.#network = network;
    this.#path = path;
  }

  /**
   * The shape of the first output, in ONNX's order; nothing is computed but what hangs on sizes alone.
   *
   * @throws {TinctError} for a side that the network cannot take, with the node.
   */
  outputShape(side: number): readonly number[] {
    return this.#traced(side).shape;
  }

  #traced(side: number): TracedNetwork {
    if (this.#last?.side === side) return this.#last;
    this.#forget();
    const given = [...this.#network.inputs].map(([name, [, channels = 1]]) =>
      [name, Math.max(1, channels)] as const
    );
    let shape: number[] = [];
    const compiled = new CompiledFunction(this.#engine, (...inputs) => {
      const [value] = this.#network.compute(
        new Map(inputs.map((tensor, index) => [given[index]![0], own(tensor)])),
      );
      shape = shapeOf(value!);
      return [value!.tensor];
    }, { name: "trial", precision: "float32" });
    const inputs = given.map(([, channels]) => tf.zeros([1, channels, side, side]));
    try {
      compiled.prepare(...inputs);
      return this.#last = { side, compiled, shape };
    } catch (error) {
      compiled[Symbol.dispose]();
      throw error;
    } finally {
      tf.dispose(inputs);
    }
  }

  /** Why a side does not do; undefined where it does. */
  misfit(side: number): string | undefined {
    try {
      const shape = this.outputShape(side);
      const [, , height, width] = shape;
      const fits = height === side && width === side;
      return fits ? undefined : `for ${side} pixels it gives [${shape}]`;
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      return messageOf(error).replace(/\.$/, "").replace(` of ${this.#path}`, "");
    }
  }

  /** The first output for a picture that holds all grays, and edges. */
  async compute(profile: NetworkFacts["profile"]): Promise<Float32Array> {
    const { size } = profile;
    const bytes = Uint8Array.from({ length: size * size * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      const [x, y] = [pixel % size, Math.floor(pixel / size)];
      const isBright = (Math.floor(8 * x / size) + Math.floor(8 * y / size)) % 2 === 0;
      const gray = 255 * x / (size - 1);
      return Math.round(isBright ? gray : 255 - gray);
    });
    const network = this.#network;
    using see = new CompiledFunction(this.#engine, (pixels) => {
      const photo = photoInput(pixels!, profile);
      return [...inputsOf(network, { photo }, profile).values()].map(plain);
    }, { name: "see", precision: "float32" });
    const used: Tensor[] = [this.#engine.uint8Tensor(bytes, [1, size, size, 3])];
    try {
      const seen = await see.call(...used);
      used.push(...seen);
      const [made] = await this.#traced(size).compiled.call(...seen);
      used.push(made!);
      return await this.#engine.read(made!);
    } finally {
      tf.dispose(used);
    }
  }

  #forget(): void {
    this.#last?.compiled[Symbol.dispose]();
    this.#last = undefined;
  }

  [Symbol.dispose](): void {
    this.#forget();
  }
}

/** A network as it was traced for squares of a side. */
interface TracedNetwork {
  readonly side: number;
  /** Takes its inputs in ONNX's order. */
  readonly compiled: CompiledFunction;
  /** Of the first output, in ONNX's order. */
  readonly shape: readonly number[];
}

/**
 * What sides must be multiples of, by trying.
 *
 * @returns 0 where no other side than `size` does.
 * @throws {TinctError} invalid_argument where `size` is none that the network can take.
 */
async function findMultiple(trial: Trial, size: number, path: string): Promise<number> {
  let found: number | undefined;
  for (const multiple of multiples) {
    await pause(); // each may take a second, and signs of life go between
    if (trial.misfit(BASE_SIDE + multiple) !== undefined) continue;
    found = multiple;
    break;
  }
  const misfit = trial.misfit(size);
  if (misfit === undefined) return found !== undefined && size % found === 0 ? found : 0;
  return refuse(
    found === undefined
      ? `${path} says that it takes any size and cannot take ${size} pixels: ${misfit}.`
      : `${path} takes sides that are multiples of ${found}, not ${size} pixels: ${misfit}.`,
  );
}

/** @throws {TinctError} data_loss for what is no number; invalid_argument for a guess that was wrong. */
async function requireNumbers(
  trial: Trial,
  profile: NetworkFacts["profile"],
  { name, isGuess }: ChosenProfile,
): Promise<void> {
  const values = await trial.compute(profile);
  let most = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new TinctError(
        "data_loss",
        "The network gives values that are no numbers (NaN or infinity) for a picture of grays: it was " +
          "damaged in training or since, or its profile is another.",
      );
    }
    most = Math.max(most, Math.abs(value));
  }
  if (isGuess && name === "deoldify" && most > DEOLDIFY_BOUND) {
    refuse(
      `The network takes 3 channels and gives 3, as DeOldify does, but values up to ${
        most.toPrecision(3)
      } ` +
        "where DeOldify's end at 3; give a profile of your own (docs/models.md).",
    );
  }
}
