import { convolutionSpec, layerNormSpec, linearSpec, type ParameterSpec } from "./parameters.ts";

/** Blocks of the four stages of ConvNeXt-T (Liu et al., 2022, "A ConvNet for the 2020s"). */
const depths = [3, 3, 9, 3] as const;

/** The shape of a ConvNeXt-T without its head. */
export interface ConvnextShape {
  /** Channels of the four stages. */
  readonly widths: readonly number[];
  /** Channels that it sees. */
  readonly inputs: number;
  /** Put before the names of its tensors, which are those of the paper's code. */
  readonly prefix: string;
}

/** The prefix of each block of each stage. */
export function convnextBlocks({ prefix }: ConvnextShape): string[][] {
  return depths.map((depth, stage) =>
    Array.from({ length: depth }, (_, block) => `${prefix}stages.${stage}.${block}`)
  );
}

/** Its tensors; `norm0` to `norm3` are those of what each stage gives, as DDColor adds them. */
export function convnextParameters(shape: ConvnextShape): ParameterSpec[] {
  const { widths, inputs, prefix } = shape;
  const start = "small";
  const convolutionAt = (name: string, channels: readonly [number, number], kernel: number) =>
    convolutionSpec(name, channels, { kernel, bias: true, start });
  return convnextBlocks(shape).flatMap((blocks, stage) => {
    const width = widths[stage] ?? 0;
    const down = `${prefix}downsample_layers.${stage}`;
    const before = widths[stage - 1] ?? 0;
    const downsampling = stage === 0
      ? [...convolutionAt(`${down}.0`, [inputs, width], 4), ...layerNormSpec(`${down}.1`, width)]
      : [
        ...layerNormSpec(`${down}.0`, before),
        ...convolutionAt(`${down}.1`, [before, width], 2),
      ];
    return [
      ...downsampling,
      ...blocks.flatMap((block): ParameterSpec[] => [
        { name: `${block}.gamma`, shape: [width], role: "layerScale" },
        ...convolutionAt(`${block}.dwconv`, [1, width], 7), // each channel by itself
        ...layerNormSpec(`${block}.norm`, width),
        ...linearSpec(`${block}.pwconv1`, [width, 4 * width], start),
        ...linearSpec(`${block}.pwconv2`, [4 * width, width], start),
      ]),
      ...layerNormSpec(`${prefix}norm${stage}`, width),
    ];
  });
}

/** Numbers that its layers put out for a picture of side `size`. */
export function convnextOutputs(size: number, { widths }: ConvnextShape): number {
  return depths.reduce((sum, depth, stage) => {
    const pixels = (size / 2 ** (stage + 2)) ** 2;
    // A block: the depthwise convolution, its bias, the norm; four widths thrice (product, bias, GELU);
    // the product, its bias, scaled, added.
    return sum + pixels * (widths[stage] ?? 0) * (depth * 19 + 4);
  }, 0);
}
