import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { DataType } from "../tensorflow/data_type.ts";
import { Session } from "../tensorflow/session.ts";
import type { Signature, SignatureTensor } from "../tensorflow/signature.ts";
import { HostTensor } from "../tensorflow/tensor.ts";
import { type FeatureExtractor, inceptionSize } from "./feature_extractor.ts";
import { chooseOutput, pictureShape } from "./network_shape.ts";

/** A network in SavedModel form. */
export class SavedModelFeatures implements FeatureExtractor {
  readonly size: number;
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #input: string;
  readonly #output: string;
  readonly #channelsFirst: boolean;

  private constructor(
    engine: Engine,
    session: Session,
    { input, output, size, channelsFirst }: {
      readonly input: string;
      readonly output: string;
      readonly size: number;
      readonly channelsFirst: boolean;
    },
  ) {
    this.#engine = engine;
    this.#session = session;
    this.#input = input;
    this.#output = output;
    this.size = size;
    this.#channelsFirst = channelsFirst;
  }

  /** See `openFeatureExtractor`. */
  static async open(
    engine: Engine,
    folder: string,
    output: string | undefined,
  ): Promise<SavedModelFeatures> {
    const { context } = engine;
    const session = await Session.load(context.symbols, folder, context.options);
    try {
      const { inputs, outputs } = chooseSignature(session.signatures, folder);
      const [input, ...others] = [...inputs.values()].filter(isFloat);
      if (input === undefined || others.length > 0 || inputs.size > 1) {
        throw new TinctError(
          "invalid_argument",
          `${folder} takes ${inputs.size} tensors (${[...inputs.keys()].join(", ")}); it must ` +
            "take one of float32, the pictures.",
        );
      }
      const { size, channelsFirst } = pictureShape(input.shape, folder);
      const chosen = chooseOutput([...outputs.keys()], output, folder);
      return new SavedModelFeatures(engine, session, {
        input: input.name,
        output: outputs.get(chosen)!.name,
        size: size ?? inceptionSize,
        channelsFirst,
      });
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  async extract(pictures: Tensor): Promise<Float32Array> {
    const { context } = this.#engine;
    const taken = this.#channelsFirst ? tf.transpose(pictures, [0, 3, 1, 2]) : pictures;
    try {
      const values = await this.#engine.read(taken);
      using input = HostTensor.of(context.symbols, DataType.FLOAT, taken.shape, values);
      using result = await this.#session.run(this.#input, this.#output, input);
      if (result.dataType !== DataType.FLOAT || result.shape[0] !== pictures.shape[0]) {
        throw new TinctError(
          "invalid_argument",
          `The network gives [${result.shape}] for ${pictures.shape[0]} pictures; it must give a ` +
            "row of float32 features for each.",
        );
      }
      return new Float32Array(result.bytes().slice().buffer);
    } finally {
      if (taken !== pictures) taken.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }
}

function chooseSignature(signatures: ReadonlyMap<string, Signature>, folder: string): Signature {
  const only = signatures.size === 1 ? [...signatures.values()][0] : undefined;
  const chosen = signatures.get("serving_default") ?? only;
  if (chosen !== undefined) return chosen;
  const names = [...signatures.keys()].join(", ") || "none";
  throw new TinctError(
    "invalid_argument",
    `${folder} has no signature serving_default, but ${names}: save it with one.`,
  );
}

function isFloat({ dataType }: SignatureTensor): boolean {
  return dataType === DataType.FLOAT;
}
