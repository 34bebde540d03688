import { imageNet } from "../color/imagenet_facts.ts";
import { abScale } from "../color/cie_tables.ts";
import type { ConvolutionNames } from "../inference/folded_convolution.ts";
import {
  type ColorQueriesShape,
  positionWaves,
  queryLayer,
} from "../model/color_queries_layers.ts";
import { convnextBlocks, type ConvnextShape } from "../model/convnext_layers.ts";
import { type DdcolorShape, lastFactor, type PixelLevel } from "../model/ddcolor_layers.ts";
import type { FoldedWeights } from "./folded_weights.ts";
import { GraphLayers } from "./graph_layers.ts";
import type { OnnxGraph } from "./onnx_graph.ts";
import { OnnxMath } from "./onnx_math.ts";
import { encodedSrgb, inverseLabCurve } from "./srgb_graph.ts";

/** What a DDColor is written by. */
interface DdcolorPlan {
  readonly graph: OnnxGraph;
  readonly weights: FoldedWeights;
  readonly shape: DdcolorShape;
  /** Side of the square that it sees, pixels. */
  readonly size: number;
}

/**
 * Writes a DDColor into a graph, as `ddcolor` of src/model computes it.
 *
 * @param L the name of [N, 1, size, size], in [-1, 1].
 * @param output the name that its ab gets, when given.
 * @returns the name of ab over 110, [N, 2, size, size].
 */
export function addDdcolor(plan: DdcolorPlan, L: string, output?: string): string {
  const { graph, weights, shape: { encoder, levels, queries }, size } = plan;
  const math = new OnnxMath(graph);
  const layers = new DdcolorLayers(graph, weights);
  const picture = normalizedGray(math, L);
  const seen = addConvnext(layers, picture, encoder);
  let x = seen.pop()!; // [N, 768, size / 32, size / 32]
  const features = levels.map((level) => x = addLevel(layers, x, seen.pop()!, level));
  const sides = levels.map((_, index) => size / 2 ** (4 - index));
  const colors = addQueries(layers, { L, features, sides }, queries); // [N, 100, 256]

  // Queries are mixed to a and b before they meet pixels; `ddcolor` says why.
  const { queries: count, width } = queries;
  const name = "refine_net.0.0";
  const mix = layers.weight({ ...spectral(name), bias: undefined });
  const flat = graph.node("Reshape", [mix, graph.integers(2, count + 3)]);
  const indices = (from: number, to: number) =>
    graph.integers(...Array.from({ length: to - from }, (_, at) => from + at));
  const part = (from: number, to: number) =>
    graph.node("Gather", [flat, indices(from, to)], { axis: 1 });
  const mixed = graph.node("MatMul", [part(0, count), colors]); // [N, 2, 256]
  const last = "decoder.last_shuf.conv.0";
  const maps = layers.relu(layers.convolution(x, { ...spectral(last), bias: `${last}.bias` }));
  const rows = graph.node("Reshape", [maps, graph.integers(0, width, -1)]);
  const side = size / lastFactor;
  const ab = graph.node("Reshape", [
    graph.node("MatMul", [mixed, rows]),
    graph.integers(0, 2 * lastFactor ** 2, side, side),
  ]);
  const ofPicture = graph.node("Conv", [
    picture,
    graph.node("Reshape", [part(count, count + 3), graph.integers(2, 3, 1, 1)]),
    layers.tensor(`${name}.bias`),
  ]);
  const sum = math.add(layers.blur(layers.shuffle(ab, lastFactor)), ofPicture);
  return graph.node("Div", [sum, graph.number(abScale)], {}, output);
}

/** What the network sees: the sRGB gray of each lightness, in three channels, normalized. */
function normalizedGray(math: OnnxMath, L: string): string {
  const { graph } = math;
  const luminance = inverseLabCurve(math, math.divide(math.add(math.multiply(L, 50), 66), 116));
  const gray = math.divide(encodedSrgb(math, luminance), 255);
  const of = (values: readonly number[]) =>
    graph.constant(Float32Array.from(values), [1, values.length, 1, 1]);
  return math.divide(math.subtract(gray, of(imageNet.mean)), of(imageNet.deviation));
}

/** @returns what the four stages give, each under its own norm. */
function addConvnext(layers: DdcolorLayers, picture: string, shape: ConvnextShape): string[] {
  const { prefix } = shape;
  const epsilon = 1e-6;
  const norm = (x: string, name: string) =>
    layers.channelsFirst(layers.layerNorm(layers.channelsLast(x), name, { axis: 3, epsilon }));
  const halve = (x: string, name: string, stride: number) =>
    layers.convolution(x, plain(name), { kernel: stride, stride });
  let x = picture;
  return convnextBlocks(shape).map((blocks, stage) => {
    const down = `${prefix}downsample_layers.${stage}`;
    x = stage === 0
      ? norm(halve(x, `${down}.0`, 4), `${down}.1`)
      : halve(norm(x, `${down}.0`), `${down}.1`, 2);
    for (const block of blocks) {
      const around = layers.convolution(x, plain(`${block}.dwconv`), {
        kernel: 7,
        padding: 3,
        groups: shape.widths[stage]!,
      });
      let y = layers.layerNorm(layers.channelsLast(around), `${block}.norm`, { axis: 3, epsilon });
      y = layers.gelu(layers.linearAt(y, `${block}.pwconv1`));
      y = layers.linearAt(y, `${block}.pwconv2`);
      y = layers.graph.node("Mul", [y, layers.tensor(`${block}.gamma`)]);
      x = layers.graph.node("Add", [x, layers.channelsFirst(y)]);
    }
    return norm(x, `${prefix}norm${stage}`);
  });
}

/** Doubles a picture, and joins it with a stage of the encoder. */
function addLevel(layers: DdcolorLayers, x: string, skip: string, { prefix }: PixelLevel): string {
  const shuffled = layers.convolution(x, {
    ...spectral(`${prefix}.shuf.conv.0`),
    norm: `${prefix}.shuf.conv.1`,
  });
  const doubled = layers.blur(layers.shuffle(layers.relu(shuffled), 2));
  const beside = layers.beside(doubled, layers.relu(layers.norm(skip, `${prefix}.bn`)));
  const y = layers.convolution(beside, spectral(`${prefix}.conv.0`), { kernel: 3, padding: 1 });
  return layers.norm(layers.relu(y), `${prefix}.conv.2`);
}

/** @returns what the queries have found, [N, queries, width]; `colorQueries` says how. */
function addQueries(
  layers: DdcolorLayers,
  { L, features, sides }: {
    readonly L: string;
    readonly features: readonly string[];
    readonly sides: readonly number[];
  },
  { prefix, layers: count, width, heads }: ColorQueriesShape,
): string {
  const { graph } = layers;
  const norm = (x: string, name: string) => layers.layerNorm(x, name, { axis: 2, epsilon: 1e-5 });
  const add = (a: string, b: string) => graph.node("Add", [a, b]);
  const flat = (x: string) =>
    graph.node("Transpose", [graph.node("Reshape", [x, graph.integers(0, width, -1)])], {
      perm: [0, 2, 1],
    });
  const seen = features.map((feature, level) => {
    const projected = add(
      layers.convolution(feature, plain(`${prefix}input_proj.${level}`)),
      layers.rows(`${prefix}level_embed.weight`, level, [1, width, 1, 1]),
    );
    const side = sides[level]!;
    const waves = (isRow: boolean) => {
      const shape = isRow ? [1, side, 1, width] : [1, 1, side, width];
      const values = Float32Array.from(positionWaves(side, width, isRow));
      return layers.channelsFirst(graph.constant(values, shape));
    };
    return { values: flat(projected), keys: flat(add(add(projected, waves(true)), waves(false))) };
  });
  const embed = layers.tensor(`${prefix}query_embed.weight`);
  const photos = graph.node("Gather", [graph.node("Shape", [L]), graph.integers(0)]);
  let x = graph.node("Expand", [
    layers.tensor(`${prefix}query_feat.weight`),
    graph.node("Concat", [photos, graph.integers(1, 1)], { axis: 0 }),
  ]);
  for (let index = 0; index < count; index++) {
    const { cross, own, feedForward } = queryLayer(prefix, index);
    const { keys, values } = seen[index % seen.length]!;
    const attend = (name: string, keys: string, values: string) =>
      addAttention(layers, [add(x, embed), keys, values], { name, heads, width });
    x = norm(add(x, attend(`${cross}.multihead_attn`, keys, values)), `${cross}.norm`);
    x = norm(add(x, attend(`${own}.self_attn`, add(x, embed), x)), `${own}.norm`);
    const inner = layers.relu(layers.linearAt(x, `${feedForward}.linear1`));
    x = norm(add(x, layers.linearAt(inner, `${feedForward}.linear2`)), `${feedForward}.norm`);
  }
  x = norm(x, `${prefix}decoder_norm`);
  for (let index = 0; index < 3; index++) {
    x = layers.linearAt(x, `${prefix}color_embed.layers.${index}`);
    if (index < 2) x = layers.relu(x);
  }
  return x;
}

/** Attention of several heads: queries, keys and values [N, length, width]. */
function addAttention(
  layers: DdcolorLayers,
  given: readonly [queries: string, keys: string, values: string],
  { name, heads, width }: { readonly name: string; readonly heads: number; readonly width: number },
): string {
  const { graph } = layers;
  const [queries, keys, values] = given.map((x, index) => {
    const weight = layers.rows(`${name}.in_proj_weight`, index * width, [width, width]);
    const bias = layers.rows(`${name}.in_proj_bias`, index * width, [width]);
    const apart = graph.integers(0, 0, heads, width / heads);
    return graph.node("Reshape", [layers.linear(x, weight, bias), apart]);
  }) as [string, string, string];
  const turned = (x: string, ...perm: number[]) => graph.node("Transpose", [x], { perm });
  const scaled = graph.node("Mul", [queries, graph.number(1 / Math.sqrt(width / heads))]);
  const scores = graph.node("MatMul", [turned(scaled, 0, 2, 1, 3), turned(keys, 0, 2, 3, 1)]);
  const shares = graph.node("Softmax", [scores], { axis: 3 });
  const found = turned(graph.node("MatMul", [shares, turned(values, 0, 2, 1, 3)]), 0, 2, 1, 3);
  const together = graph.node("Reshape", [found, graph.integers(0, 0, width)]);
  return layers.linearAt(together, `${name}.out_proj`);
}

/** Writes the layers of a DDColor, which has some that other generators do not have. */
class DdcolorLayers extends GraphLayers {
  /** A tensor as it is. */
  tensor(name: string): string {
    return this.graph.weight({ name, ...this.weights.tensor(name) });
  }

  /** As many of a tensor's numbers as a shape takes, from a row on. */
  rows(name: string, from: number, shape: readonly number[]): string {
    const pieces = this.weights.rows(name, from, shape);
    return this.graph.weight({ name: `${name}.${from}`, shape, pieces });
  }

  /** @param axis the last one. */
  layerNorm(
    x: string,
    name: string,
    { axis, epsilon }: { readonly axis: number; readonly epsilon: number },
  ): string {
    const constants = [this.tensor(`${name}.weight`), this.tensor(`${name}.bias`)];
    return this.graph.node("LayerNormalization", [x, ...constants], {
      axis,
      epsilon: { float: epsilon },
    });
  }

  /** @param weight [out, in], as PyTorch has it. */
  linear(x: string, weight: string, bias: string): string {
    const turned = this.graph.node("Transpose", [weight], { perm: [1, 0] });
    return this.graph.node("Add", [this.graph.node("MatMul", [x, turned]), bias]);
  }

  linearAt(x: string, name: string): string {
    return this.linear(x, this.tensor(`${name}.weight`), this.tensor(`${name}.bias`));
  }

  /** By the error function. */
  gelu(x: string): string {
    const erf = this.graph.node("Erf", [
      this.graph.node("Mul", [x, this.graph.number(Math.SQRT1_2)]),
    ]);
    const share = this.graph.node("Mul", [
      this.graph.node("Add", [erf, this.graph.number(1)]),
      this.graph.number(0.5),
    ]);
    return this.graph.node("Mul", [x, share]);
  }

  /** The mean of each pixel and its neighbours to the left and above; the edge counts twice. */
  blur(x: string): string {
    const padded = this.graph.node("Pad", [x, this.graph.integers(0, 0, 1, 1, 0, 0, 0, 0)], {
      mode: "edge",
    });
    return this.graph.node("AveragePool", [padded], { kernel_shape: [2, 2], strides: [1, 1] });
  }

  channelsLast(x: string): string {
    return this.graph.node("Transpose", [x], { perm: [0, 2, 3, 1] });
  }

  channelsFirst(x: string): string {
    return this.graph.node("Transpose", [x], { perm: [0, 3, 1, 2] });
  }
}

function plain(name: string): ConvolutionNames {
  return { weight: `${name}.weight`, bias: `${name}.bias`, norm: undefined };
}

function spectral(name: string): ConvolutionNames {
  return {
    weight: `${name}.weight_orig`,
    spectral: { u: `${name}.weight_u`, v: `${name}.weight_v` },
    norm: undefined,
  };
}
