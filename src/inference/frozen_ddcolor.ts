import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { ddcolor } from "../model/ddcolor.ts";
import { ddcolorParameters, type DdcolorShape } from "../model/ddcolor_layers.ts";
import { type Forward, isSingularVector } from "../model/parameters.ts";
import type { FoldedReader, FrozenNetwork } from "./frozen_network.ts";

/** DDColor's weights, spectral norms divided out, and batch norms folded where they can be. Owns them. */
class FrozenWeights implements Forward, Disposable {
  readonly #engine: Engine;
  readonly #tensors: Map<string, Tensor>;

  /**
   * @param tensors become its own: each parameter by its name, each convolution under spectral norm by
   *   its prefix, and of each batch norm `PREFIX.shift`, and `PREFIX.scale` where that is not in a
   *   convolution already.
   */
  constructor(engine: Engine, tensors: Map<string, Tensor>) {
    this.#engine = engine;
    this.#tensors = tensors;
  }

  /** Matrices stay where all traced functions share them; the rest is constant. */
  parameter(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new TypeError(`The network has no frozen ${name}.`);
    return tensor.rank === 2 ? tensor : this.#engine.freeze(tensor);
  }

  batchNorm(x: Tensor, prefix: string): Tensor {
    const shift = this.parameter(`${prefix}.shift`);
    if (!this.#tensors.has(`${prefix}.scale`)) return addBias(x, shift);
    return tf.add(tf.mul(x, this.parameter(`${prefix}.scale`)), shift);
  }

  spectralWeight(prefix: string): Tensor {
    return this.parameter(prefix);
  }

  dropout(x: Tensor): Tensor {
    return x;
  }

  [Symbol.dispose](): void {
    tf.dispose([...this.#tensors.values()]);
  }
}

/** Takes a DDColor's tensors in, one layer at a time. */
export async function freezeDdcolor(
  engine: Engine,
  shape: DdcolorShape,
  read: FoldedReader,
): Promise<FrozenNetwork> {
  using owned = new DisposableStack();
  const tensors = new Map<string, Tensor>();
  const weights = owned.use(new FrozenWeights(engine, tensors));
  // A batch norm that comes right behind its convolution.
  const folded = new Map(
    shape.levels.map(({ prefix }) => [`${prefix}.shuf.conv.0`, `${prefix}.shuf.conv.1`]),
  );
  const specs = ddcolorParameters(shape);
  const norms = new Set(
    specs.filter(({ role }) => role === "runningMean").map(({ name }) => prefixOf(name)),
  );
  for (const norm of norms) {
    if ([...folded.values()].includes(norm)) continue;
    const [scale, shift] = await read.norm(norm);
    tensors.set(`${norm}.scale`, scale);
    tensors.set(`${norm}.shift`, shift);
  }
  for (const spec of specs) {
    const { name } = spec;
    const at = prefixOf(name);
    if (name.endsWith(".weight_orig")) {
      const norm = folded.get(at);
      const spectral = { u: `${at}.weight_u`, v: `${at}.weight_v` };
      const { weight, bias } = await read.convolution({ weight: name, spectral, norm }, 3);
      tensors.set(at, weight);
      if (norm === undefined) bias.dispose();
      else tensors.set(`${norm}.shift`, bias);
    } else if (!norms.has(at) && !isSingularVector(spec)) {
      tensors.set(name, await read.tensor(name));
    }
  }
  const kept = owned.move();
  return {
    forward: (input) => ddcolor(input, weights, shape),
    [Symbol.dispose]: () => kept[Symbol.dispose](),
  };
}

/** What stands before the last part of a tensor's name. */
function prefixOf(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}
