import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { OnnxNetwork, openOnnx } from "../onnx/onnx_network.ts";
import type { OnnxValue } from "../onnx/onnx_value.ts";
import { type FeatureExtractor, inceptionSize } from "./feature_extractor.ts";
import { chooseOutput, pictureShape } from "./network_shape.ts";

/** A network in ONNX form, as one TensorFlow function. Owns both. */
export class OnnxFeatures implements FeatureExtractor {
  readonly size: number;
  readonly #engine: Engine;
  readonly #network: OnnxNetwork;
  readonly #function: CompiledFunction;

  private constructor(
    engine: Engine,
    network: OnnxNetwork,
    { size, channelsFirst, input }: {
      readonly size: number;
      readonly channelsFirst: boolean;
      readonly input: string;
    },
  ) {
    this.#engine = engine;
    this.#network = network;
    this.size = size;
    const compute = (pictures: Tensor): Tensor => {
      const given: OnnxValue = { tensor: pictures, isMap: channelsFirst };
      const { tensor } = network.compute(new Map([[input, given]]))[0]!;
      return tf.reshape(tensor, [tensor.shape[0] ?? 1, -1]); // of one pixel, maps are features, too
    };
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
    const model = await openOnnx(path);
    const [input, ...others] = [...model.inputs];
    if (input === undefined || others.length > 0) {
      throw new TinctError(
        "invalid_argument",
        `${path} takes ${model.inputs.size} tensors; it must take one, the pictures.`,
      );
    }
    const [name, shape] = input;
    const { size = inceptionSize, channelsFirst } = pictureShape(shape, path);
    const network = await OnnxNetwork.load(engine, model, {
      outputs: [chooseOutput(model.outputs, output, path)],
      advice: "export its feature layers alone, or give it as a SavedModel",
    });
    const extractor = new OnnxFeatures(engine, network, { size, channelsFirst, input: name });
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
    this.#network[Symbol.dispose]();
  }
}
