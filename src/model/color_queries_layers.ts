import { convolutionSpec, layerNormSpec, linearSpec, type ParameterSpec } from "./parameters.ts";

/** The shape of DDColor's colour decoder: queries that look at pictures of features. */
export interface ColorQueriesShape {
  readonly prefix: string;
  readonly queries: number;
  readonly layers: number;
  readonly heads: number;
  /** Channels of a query, a multiple of 4 and of the heads. */
  readonly width: number;
  /** Channels inside of the feed-forward networks. */
  readonly inner: number;
  /** Channels of the pictures of features, which the layers look at in turn. */
  readonly levels: readonly number[];
}

/** The parts of a layer by their names. */
export function queryLayer(prefix: string, index: number) {
  const at = (part: string) => `${prefix}transformer_${part}_layers.${index}`;
  return { cross: at("cross_attention"), own: at("self_attention"), feedForward: at("ffn") };
}

/**
 * Where each of a line of pixels lies, as sines and cosines of many wavelengths in one half of its
 * channels; the other half is 0.
 *
 * @param channels a multiple of 4.
 * @returns [length, channels].
 */
export function positionWaves(length: number, channels: number, isFirstHalf: boolean): number[] {
  const half = channels / 2;
  return Array.from({ length }, (_, place) => {
    const angle = (place + 1) / (length + 1e-6) * 2 * Math.PI;
    const tell = Array.from({ length: half }, (_, index) => {
      const turned = angle / 10_000 ** (2 * Math.floor(index / 2) / half);
      return index % 2 === 0 ? Math.sin(turned) : Math.cos(turned);
    });
    const silent = new Array<number>(half).fill(0);
    return isFirstHalf ? [...tell, ...silent] : [...silent, ...tell];
  }).flat();
}

/** Its tensors with the names of DDColor's code. */
export function colorQueriesParameters(shape: ColorQueriesShape): ParameterSpec[] {
  const { prefix, queries, layers, width, inner, levels } = shape;
  const embedding = (name: string, count: number): ParameterSpec => ({
    ...{ name: `${prefix}${name}.weight`, shape: [count, width], role: "embedding" },
  });
  const attention = (name: string): ParameterSpec[] => [
    { name: `${name}.in_proj_weight`, shape: [3 * width, width], role: "linear", start: "glorot" },
    { name: `${name}.in_proj_bias`, shape: [3 * width], role: "bias" },
    ...linearSpec(`${name}.out_proj`, [width, width], "glorot"),
  ];
  return [
    ...Array.from({ length: layers }, (_, index) => queryLayer(prefix, index)).flatMap(
      ({ cross, own, feedForward }) => [
        ...attention(`${cross}.multihead_attn`),
        ...layerNormSpec(`${cross}.norm`, width),
        ...attention(`${own}.self_attn`),
        ...layerNormSpec(`${own}.norm`, width),
        ...linearSpec(`${feedForward}.linear1`, [width, inner], "glorot"),
        ...linearSpec(`${feedForward}.linear2`, [inner, width], "glorot"),
        ...layerNormSpec(`${feedForward}.norm`, width),
      ],
    ),
    ...layerNormSpec(`${prefix}decoder_norm`, width),
    embedding("query_feat", queries),
    embedding("query_embed", queries),
    embedding("level_embed", levels.length),
    ...levels.flatMap((channels, level) =>
      convolutionSpec(`${prefix}input_proj.${level}`, [channels, width], {
        kernel: 1,
        bias: true,
        start: "linear",
      })
    ),
    ...[0, 1, 2].flatMap((index) =>
      linearSpec(`${prefix}color_embed.layers.${index}`, [width, width], "linear")
    ),
  ];
}

/** Numbers that its layers put out for pictures of these sides. */
export function colorQueriesOutputs(sides: readonly number[], shape: ColorQueriesShape): number {
  const { queries, layers, width, inner, heads } = shape;
  let numbers = 0;
  for (let index = 0; index < layers; index++) {
    const pixels = (sides[index % sides.length] ?? 0) ** 2;
    // Keys and values: the product, its bias, in heads; scores and shares of each query.
    numbers += 6 * pixels * width + 2 * heads * queries * (pixels + queries);
    numbers += queries * (25 * width + 3 * inner);
  }
  return numbers + sides.reduce((sum, side) => sum + 4 * side ** 2 * width, 0);
}
