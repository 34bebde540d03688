import { readFile } from "node:fs/promises";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../engine/compile.ts";
import type { Engine } from "../../engine/engine.ts";
import { messageOf, TinctError } from "../../errors.ts";
import { type FeatureExtractor, inceptionSize } from "../feature_extractor.ts";
import { chooseOutput, pictureShape } from "../network_shape.ts";
import { type OnnxGraph, readOnnx } from "./onnx_model.ts";
import { compute } from "./onnx_operations.ts";
import type { OnnxValue } from "./onnx_value.ts";

/** A network in ONNX form, as one TensorFlow function. Owns it. */
export class OnnxFeatures implements FeatureExtractor {
  readonly size: number;
  readonly #engine: Engine;
  readonly #function: CompiledFunction;

  private constructor(engine: Engine, size: number, compute: (pictures: Tensor) => Tensor) {
    this.#engine = engine;
    this.size = size;
    this.#function = new CompiledFunction(engine, (pictures) => [compute(pictures!)], {
      name: "onnx_features",
      precision: "float32",
    });
  }

  /** See `openFeatureExtractor`. */
  static async open(
    engine: Engine,
    path: string,
    output: string | undefined,
  ): Promise<OnnxFeatures> {
    const graph = readOnnx(await read(path), path);
    const [input, ...others] = [...graph.inputs];
    if (input === undefined || others.length > 0) {
      throw new TinctError(
        "invalid_argument",
        `${path} takes ${graph.inputs.size} tensors; it must take one, the pictures.`,
      );
    }
    const [name, shape] = input;
    const { size = inceptionSize, channelsFirst } = pictureShape(shape, path);
    const chosen = chooseOutput(graph.outputs, output, path);
    const extractor = new OnnxFeatures(
      engine,
      size,
      (pictures) => computeGraph(graph, chosen, name, { tensor: pictures, isMap: channelsFirst }),
    );
    try {
      // What cannot be computed is found now, before any photo is.
      const pictures = tf.zeros([1, size, size, 3]);
      try {
        extractor.#function.prepare(pictures);
      } finally {
        pictures.dispose();
      }
      return extractor;
    } catch (error) {
      extractor[Symbol.dispose]();
      throw error;
    }
  }

  async extract(pictures: Tensor): Promise<Float32Array> {
    const [features] = await this.#function.call(pictures);
    try {
      return await this.#engine.read(features!);
    } finally {
      features?.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }
}

/** The nodes that lead to an output, one after the other. */
function computeGraph(
  { nodes, constants }: OnnxGraph,
  output: string,
  input: string,
  pictures: OnnxValue,
): Tensor {
  const values = new Map<string, OnnxValue>([[input, pictures]]);
  const valueOf = (name: string): OnnxValue | undefined => {
    const constant = constants.get(name);
    if (constant !== undefined && !values.has(name)) {
      const tensor = tf.tensor(constant.values, [...constant.shape]);
      values.set(name, { tensor, isMap: false });
    }
    return values.get(name);
  };
  const needed = new Set([output]);
  const used = nodes.toReversed().filter(({ inputs, outputs }) => {
    const isNeeded = outputs.some((name) => needed.has(name));
    if (isNeeded) { for (const name of inputs) needed.add(name); }
    return isNeeded;
  }).reverse();
  for (const node of used) {
    const constant = node.operation === "Constant" && node.attributes.get("value")?.tensor;
    const value = constant
      ? { tensor: tf.tensor(constant.values, [...constant.shape]), isMap: false }
      : compute(node, node.inputs.flatMap((name) => valueOf(name) ?? []));
    values.set(node.outputs[0] ?? "", value);
  }
  const result = valueOf(output);
  if (result === undefined) throw new TypeError(`Nothing makes the output ${output}.`);
  const { tensor } = result;
  return tf.reshape(tensor, [tensor.shape[0] ?? 1, -1]); // of one pixel, maps are features, too
}

async function read(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new TinctError("not_found", `${path} cannot be read (${messageOf(cause)}).`, { cause });
  }
}
