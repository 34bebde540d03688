import { batchNormSpec, convolutionSpec, type ParameterSpec } from "./parameters.ts";

/** Residual networks of basic blocks (He et al., 2016): the blocks of their four stages. */
const stages = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;

/** A residual network by its name in torchvision. */
export type ResnetName = keyof typeof stages;

/** The shape of a residual network without its head. */
export interface ResnetShape {
  readonly name: ResnetName;
  /** Channels of the first stage, 64 in torchvision; the next have 2, 4 and 8 times as many. */
  readonly width: number;
  /** Put before the names of its tensors, such as "layers.0.". */
  readonly prefix: string;
  /** Channels that it sees: 1 of L, or 3 of a picture in colour, or more. */
  readonly inputs: number;
  /** So many of them, the last, it does not know what to do with at first. */
  readonly zeroInputs?: number;
  /** Of the four stages the first so many; all when left out. */
  readonly stages?: number;
}

/** A convolution, its batch norm, and how it moves. */
export interface ResnetConvolution {
  /** The name of its weight without ".weight". */
  readonly name: string;
  /** The prefix of its batch norm's tensors. */
  readonly norm: string;
  readonly channels: readonly [input: number, output: number];
  readonly kernel: number;
  readonly stride: number;
}

/** What is added up: two convolutions, and the input or one convolution of it. */
interface ResnetBlock {
  readonly first: ResnetConvolution;
  readonly second: ResnetConvolution;
  readonly shortcut: ResnetConvolution | undefined;
}

/** Its first convolution, and the blocks of each stage. */
interface ResnetLayers {
  readonly stem: ResnetConvolution;
  readonly stages: readonly (readonly ResnetBlock[])[];
}

/**
 * The layers with fastai's names of a body: the parts of torchvision's ResNet numbered as they follow
 * one another, 0 the first convolution, 1 its batch norm, 4 to 7 the stages.
 */
export function resnetLayers(
  { name, width, prefix, inputs, stages: depth }: ResnetShape,
): ResnetLayers {
  let input = width;
  return {
    stem: {
      name: `${prefix}0`,
      norm: `${prefix}1`,
      channels: [inputs, width],
      kernel: 7,
      stride: 2,
    },
    stages: stages[name].slice(0, depth).map((count, stage) =>
      Array.from({ length: count }, (_, index): ResnetBlock => {
        const at = `${prefix}${4 + stage}.${index}.`;
        const output = width * 2 ** stage;
        const stride = stage > 0 && index === 0 ? 2 : 1;
        const block: ResnetBlock = {
          first: {
            name: `${at}conv1`,
            norm: `${at}bn1`,
            channels: [input, output],
            kernel: 3,
            stride,
          },
          second: {
            name: `${at}conv2`,
            norm: `${at}bn2`,
            channels: [output, output],
            kernel: 3,
            stride: 1,
          },
          shortcut: stride === 1 ? undefined : {
            name: `${at}downsample.0`,
            norm: `${at}downsample.1`,
            channels: [input, output],
            kernel: 1,
            stride,
          },
        };
        input = output;
        return block;
      })
    ),
  };
}

/** Its tensors, in PyTorch's order. */
export function resnetParameters(shape: ResnetShape): ParameterSpec[] {
  const { stem, stages } = resnetLayers(shape);
  return [
    stem,
    ...stages.flat().flatMap(({ first, second, shortcut }) => [
      first,
      second,
      ...(shortcut ? [shortcut] : []),
    ]),
  ].flatMap(({ name, norm, channels, kernel }) => [
    ...convolutionSpec(name, channels, {
      kernel,
      start: "he",
      zeroInputs: name === stem.name ? shape.zeroInputs ?? 0 : 0,
    }),
    ...batchNormSpec(norm, channels[1], "he"),
  ]);
}

/** Numbers that its layers put out for one picture of side `size`, in pixels. */
export function resnetOutputs(size: number, shape: ResnetShape): number {
  // A convolution and its norm; what follows takes the norm's place.
  let numbers = (size / 2) ** 2 * 2 * shape.width;
  for (const [stage, blocks] of resnetLayers(shape).stages.entries()) {
    numbers += (size / (4 * 2 ** stage)) ** 2 * shape.width * 2 ** stage * 5 * blocks.length;
  }
  return numbers;
}
