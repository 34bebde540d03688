import {
  colorQueriesOutputs,
  colorQueriesParameters,
  type ColorQueriesShape,
} from "./color_queries_layers.ts";
import { convnextOutputs, convnextParameters, type ConvnextShape } from "./convnext_layers.ts";
import { batchNormSpec, type ParameterSpec, spectralConvolutionSpec } from "./parameters.ts";

/** The width at which it is the published network. */
const fullWidth = 64;

/** The names of the encoder's tensors begin with it. */
export const ddcolorEncoder = "encoder.";

/** Tensors of published files that nothing is computed with: constants, and a norm of what is pooled. */
export const ddcolorIdle: readonly string[] = [
  "mean",
  "std",
  "encoder.arch.norm.weight",
  "encoder.arch.norm.bias",
];

/** Sides at which the pixel decoder's last layer lays a pixel out. */
export const lastFactor = 4;

/** One level on the way up: doubles its picture, and joins it with a stage of the encoder. */
export interface PixelLevel {
  readonly prefix: string;
  readonly input: number;
  readonly skip: number;
  /** Of the doubled picture, and of the result. */
  readonly output: number;
}

/** The parts of DDColor with ConvNeXt-T (Kang et al., 2023), every width in proportion. */
export interface DdcolorShape {
  readonly encoder: ConvnextShape;
  readonly levels: readonly PixelLevel[];
  readonly queries: ColorQueriesShape;
}

/** @param width 64 for the published network, else an even number: every width is in proportion. */
export function ddcolorShape(width: number): DdcolorShape {
  const parts = (count: number) => count * width / fullWidth;
  const widths = [96, 192, 384, 768].map(parts);
  const outputs = [512, 512, 256].map(parts);
  return {
    encoder: { widths, inputs: 3, prefix: `${ddcolorEncoder}arch.` },
    levels: outputs.map((output, index) => ({
      prefix: `decoder.layers.${index}`,
      input: outputs[index - 1] ?? widths[3]!,
      skip: widths[2 - index]!,
      output,
    })),
    queries: {
      prefix: "decoder.color_decoder.",
      queries: 100,
      layers: 9,
      heads: 8,
      width: parts(256),
      inner: parts(2048),
      levels: outputs,
    },
  };
}

/** The tensors of the generator with the names of its published weights. */
export function ddcolorParameters({ encoder, levels, queries }: DdcolorShape): ParameterSpec[] {
  const { width } = queries;
  return [
    ...convnextParameters(encoder),
    ...levels.flatMap(({ prefix, input, skip, output }) => [
      ...spectralConvolutionSpec(`${prefix}.shuf.conv.0`, [input, 4 * output], {
        kernel: 1,
        start: "shuffled",
      }),
      ...batchNormSpec(`${prefix}.shuf.conv.1`, 4 * output, "he"),
      ...batchNormSpec(`${prefix}.bn`, skip, "he"),
      ...spectralConvolutionSpec(`${prefix}.conv.0`, [output + skip, output], {
        kernel: 3,
        start: "he",
      }),
      ...batchNormSpec(`${prefix}.conv.2`, output, "he"),
    ]),
    ...spectralConvolutionSpec("decoder.last_shuf.conv.0", [width, lastFactor ** 2 * width], {
      kernel: 1,
      bias: true,
      start: "shuffled",
    }),
    ...colorQueriesParameters(queries),
    ...spectralConvolutionSpec("refine_net.0.0", [queries.queries + 3, 2], {
      kernel: 1,
      bias: true,
      start: "linear",
    }),
  ];
}

/** Numbers that its layers put out for a picture of side `size`. */
export function ddcolorOutputs(size: number, { encoder, levels, queries }: DdcolorShape): number {
  const sides = levels.map((_, index) => size / 2 ** (4 - index));
  const decoder = levels.reduce((sum, { skip, output }, index) => {
    // The convolution, its norm, ReLU and order; blurred; the skip's norm and ReLU; both joined; the
    // convolution, ReLU and norm.
    return sum + sides[index]! ** 2 * (6 * output + 3 * skip + 4 * output);
  }, 0);
  const last = 3 * size ** 2 * queries.width; // sixteen times the channels at a quarter of the sides
  return convnextOutputs(size, encoder) + decoder + last + size ** 2 * 12 +
    colorQueriesOutputs(sides, queries);
}
