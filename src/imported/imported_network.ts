import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { ColorNetwork } from "../inference/color_network.ts";
import type { OnnxNetwork } from "../onnx/onnx_network.ts";
import { asMap, map, type OnnxValue } from "../onnx/onnx_value.ts";
import type { ColorProfile } from "../profiles/color_profile.ts";
import { colorsGiven, hintsInput, lumaKept, photoInput } from "./profiled_colors.ts";

/**
 * A network of another program as one that gives photos colours. It takes one photo at a time: many
 * exports can do no other, and with those that can each photo of a pass would take its memory. Owns
 * the network.
 */
export class ImportedNetwork implements ColorNetwork {
  readonly size: number;
  readonly takesHints: boolean;
  readonly #network: OnnxNetwork;
  readonly #see: CompiledFunction;
  readonly #color: CompiledFunction;

  /** @param network whose first output is the colours, and which fits the profile. */
  constructor(engine: Engine, network: OnnxNetwork, profile: ColorProfile) {
    this.size = profile.size;
    this.takesHints = profile.hints !== undefined;
    this.#network = network;
    this.#see = new CompiledFunction(engine, (pixels) => {
      const luma = lumaKept(pixels!, profile);
      return [photoInput(pixels!, profile), ...(luma ? [luma] : [])];
    }, { name: "see", precision: "float32" });
    const keepsLuma = profile.keep === "luma";
    this.#color = new CompiledFunction(engine, (photo, ...others) => {
      const luma = keepsLuma ? others[0] : undefined;
      const hints = others[keepsLuma ? 1 : 0];
      const [given] = network.compute(inputsOf(network, { photo: photo!, hints }, profile));
      return [colorsGiven(asMap(given!), luma, profile)];
    }, { name: "imported", precision: "float32" });
  }

  async predict(pixels: Tensor, hints?: Tensor): Promise<Tensor> {
    const seen = await this.#see.call(pixels);
    const made: Tensor[] = [];
    try {
      const given = hints === undefined ? seen : [...seen, hints];
      const count = pixels.shape[0]!;
      for (let index = 0; index < count; index++) {
        const own = given.map((tensor) => count === 1 ? tensor : tf.slice(tensor, index, 1));
        try {
          made.push((await this.#color.call(...own))[0]!);
        } finally {
          if (count > 1) tf.dispose(own);
        }
      }
      return count === 1 ? made.pop()! : tf.concat(made);
    } finally {
      tf.dispose([...seen, ...made]);
    }
  }

  [Symbol.dispose](): void {
    this.#see[Symbol.dispose]();
    this.#color[Symbol.dispose]();
    this.#network[Symbol.dispose]();
  }
}

/**
 * What a network is given, by the names of its inputs: what it sees of a photo, then hints.
 *
 * @param given `photo`: [1, H, W, channels]; `hints`: [1, H, W, 3], none where left out.
 */
export function inputsOf(
  network: OnnxNetwork,
  { photo, hints }: { readonly photo: Tensor; readonly hints?: Tensor | undefined },
  profile: Pick<ColorProfile, "hints">,
): Map<string, OnnxValue> {
  const names = [...network.inputs.keys()];
  const values = [map(photo)];
  if (profile.hints !== undefined) {
    const [, height, width] = photo.shape as [number, number, number, number];
    const seen = hintsInput(hints ?? tf.zeros([1, height, width, 3]), profile.hints);
    values.push(map(seen.ab), map(seen.mask));
  }
  return new Map(values.map((value, index) => [names[index]!, value]));
}
