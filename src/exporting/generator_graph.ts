import type { ConvolutionNames } from "../inference/folded_convolution.ts";
import type { GeneratorConfig } from "../inference/frozen_network.ts";
import {
  type DecoderConvolution,
  decoderLayers,
  encoderPrefix,
} from "../model/dynamic_unet_layers.ts";
import { dynamicUnetConfig, hintChannels, moreInputs } from "../model/generator_layers.ts";
import { type ResnetConvolution, resnetLayers } from "../model/resnet_layers.ts";
import { unetLevels } from "../model/unet_layers.ts";
import { ddcolorShape } from "../model/ddcolor_layers.ts";
import { addDdcolor } from "./ddcolor_graph.ts";
import type { FoldedWeights } from "./folded_weights.ts";
import { GraphLayers } from "./graph_layers.ts";
import type { OnnxGraph } from "./onnx_graph.ts";

/** What is written into a graph. */
interface GeneratorPlan {
  readonly graph: OnnxGraph;
  readonly weights: FoldedWeights;
  readonly config: GeneratorConfig;
}

/**
 * Writes a generator into a graph, in ONNX's order [N, C, H, W].
 *
 * @param L the name of [N, 1, size, size], in [-1, 1].
 * @param hints the name of [N, 3, size, size] behind it; of one that takes hints, "" for none.
 * @param output the name that its ab gets, when given.
 * @returns the name of ab over 110, [N, 2, size, size].
 */
export function addGenerator(
  { graph, weights, config }: GeneratorPlan,
  { L, hints }: { readonly L: string; readonly hints: string },
  output?: string,
): string {
  if (config.generator === "ddcolor-tiny") {
    const shape = ddcolorShape(config.ngf);
    return addDdcolor({ graph, weights, shape, size: config.size }, L, output);
  }
  const input = hints === "" ? L : graph.node("Concat", [L, hints], { axis: 1 });
  // Hints that are not there are zeros, whose weights need not be.
  const inputs = hints === "" && config.hints ? 1 : undefined;
  const layers = new GraphLayers(graph, weights, inputs);
  return config.generator === "unet"
    ? addUnet(layers, { input, config, output })
    : addDynamicUnet(layers, { input, L, config, output });
}

/** The hints that a generator takes beside L; undefined where it takes none. */
export function hintsInput({ hints, size }: GeneratorConfig) {
  if (!hints) return undefined;
  return { name: "hints", type: "float32", shape: ["N", hintChannels, size, size] } as const;
}

/** Every convolution of the U-Net halves or doubles. */
const halving = { kernel: 4, stride: 2, padding: 1 };

/** As `unet` has it, with the ReLUs where `freezeUnet` has them. */
function addUnet(
  layers: GraphLayers,
  { input, config, output }: {
    readonly input: string;
    readonly config: GeneratorConfig;
    readonly output: string | undefined;
  },
): string {
  const levels = unetLevels({ ...config, dropout: 0, moreInputs: moreInputs(config) });
  const skips: string[] = [];
  let x = input;
  for (const [depth, { down }] of levels.entries()) {
    x = layers.convolution(x, down, halving);
    x = depth === levels.length - 1
      ? layers.relu(x)
      : layers.graph.node("LeakyRelu", [x], { alpha: { float: config.leakySlope } });
    skips.push(x);
  }
  for (const [depth, { up }] of [...levels.entries()].reverse()) {
    x = layers.convolution(x, up, halving, { isTransposed: true });
    if (depth === 0) return layers.graph.node("Tanh", [x], {}, output);
    x = layers.beside(layers.relu(skips[depth - 1]!), layers.relu(x));
  }
  throw new RangeError("A U-Net has at least one level.");
}

/** As `dynamicUnet` has it. */
function addDynamicUnet(
  layers: GraphLayers,
  { input, L, config: generator, output: name }: {
    readonly input: string;
    readonly L: string;
    readonly config: GeneratorConfig;
    readonly output: string | undefined;
  },
): string {
  const config = dynamicUnetConfig(generator);
  const { encoder, width, moreInputs } = config;
  const { stem, stages } = resnetLayers({
    ...{ name: encoder, width, prefix: encoderPrefix },
    inputs: 1 + moreInputs,
  });
  const { entry, middle, levels, up, residual, output } = decoderLayers(config);
  const { graph } = layers;
  const encode = (x: string, { name, norm, kernel, stride }: ResnetConvolution) =>
    layers.convolution(
      x,
      { weight: `${name}.weight`, norm },
      { kernel, stride, padding: (kernel - 1) / 2 },
    );
  const convolve = (x: string, layer: DecoderConvolution, output?: string) => {
    const move = { kernel: layer.kernel, stride: 1, padding: (layer.kernel - 1) / 2 };
    return layers.convolution(x, namesOf(layer), move, { output });
  };
  const decode = (x: string, layer: DecoderConvolution) => {
    const y = layers.relu(convolve(x, layer));
    return layer.norm !== undefined && layer.isNormLast ? layers.norm(y, layer.norm) : y;
  };
  const double = (x: string, layer: DecoderConvolution) => layers.shuffle(decode(x, layer), 2);

  const seen = [layers.relu(encode(input, stem))];
  const pool = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
  let x = graph.node("MaxPool", [seen[0]!], pool);
  for (const blocks of stages) {
    for (const { first, second, shortcut } of blocks) {
      const change = encode(layers.relu(encode(x, first)), second);
      x = layers.relu(graph.node("Add", [change, shortcut ? encode(x, shortcut) : x]));
    }
    seen.push(x);
  }
  x = layers.relu(layers.norm(seen.pop()!, entry.norm));
  for (const layer of middle) x = decode(x, layer);
  for (const { up, skip, convolutions } of levels) {
    x = layers.beside(double(x, up), layers.relu(layers.norm(seen.pop()!, skip.norm)));
    for (const layer of convolutions) x = decode(x, layer);
  }
  x = layers.beside(double(x, up), L);
  const change = convolve(decode(x, residual[0]), residual[1]);
  return convolve(layers.relu(graph.node("Add", [x, change])), output, name);
}

function namesOf({ name, norm, isNormLast, isSpectral }: DecoderConvolution): ConvolutionNames {
  return {
    weight: isSpectral ? `${name}.weight_orig` : `${name}.weight`,
    spectral: isSpectral ? { u: `${name}.weight_u`, v: `${name}.weight_v` } : undefined,
    bias: norm === undefined ? `${name}.bias` : undefined,
    norm: isNormLast ? undefined : norm,
  };
}
