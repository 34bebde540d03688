import { batchNormSpec, convolutionSpec, type ParameterSpec } from "./parameters.ts";

/** The shape of a U-Net (Ronneberger et al., 2015; as generator: Isola et al., 2017, pix2pix). */
export interface UnetConfig {
  /** Halvings; an input's sides are multiples of 2^nDown. */
  readonly nDown: number;
  /** Channels of the outermost block. */
  readonly ngf: number;
  /** Dropout rate of the blocks between the innermost one and the three that halve channels. */
  readonly dropout: number;
  /** Slope of the leaky ReLUs below zero. */
  readonly leakySlope: number;
  /** Channels that it sees behind L, and does not know what to do with at first; 0 when left out. */
  readonly moreInputs?: number;
}

/** What decides its tensors. */
type UnetShape = Omit<UnetConfig, "leakySlope">;

/** One block: it halves its input, hands it to the block inside, doubles the result. */
export interface Block {
  /** Blocks around it. */
  readonly depth: number;
  readonly kind: "outermost" | "inner" | "innermost";
  /** The prefix of its parameters' names. */
  readonly prefix: string;
  /** Channels of its input (L for the outermost), between its convolutions, and of its output. */
  readonly input: number;
  readonly hidden: number;
  readonly output: number;
  readonly dropout: number;
}

/** The blocks from the outermost to the innermost. */
export function blocks({ nDown, ngf, dropout, moreInputs = 0 }: UnetShape): Block[] {
  return Array.from({ length: nDown }, (_, depth): Block => {
    const outside = ngf * Math.min(8, 2 ** (depth - 1));
    return {
      depth,
      kind: depth === 0 ? "outermost" : depth === nDown - 1 ? "innermost" : "inner",
      prefix: "model." + ["model", ...outermostThenInner(depth)].join("."),
      input: depth === 0 ? 1 + moreInputs : outside,
      hidden: ngf * Math.min(8, 2 ** depth),
      output: depth === 0 ? 2 : outside,
      dropout: depth >= 4 && depth < nDown - 1 ? dropout : 0,
    };
  });
}

/** In PyTorch's nesting the submodule is number 1 of the outermost block, number 3 of the others. */
function outermostThenInner(depth: number): string[] {
  return Array.from({ length: depth }, (_, level) => `${level === 0 ? 1 : 3}.model`);
}

/** The tensors of the generator, in PyTorch's order. */
export function unetParameters(config: UnetShape): ParameterSpec[] {
  const before: ParameterSpec[] = [];
  const after: ParameterSpec[] = [];
  for (const { kind, prefix, input, hidden, output } of blocks(config)) {
    const [down, downNorm, up, upNorm] = positions(kind, prefix);
    const upChannels = [kind === "innermost" ? hidden : 2 * hidden, output] as const;
    const zeroInputs = kind === "outermost" ? config.moreInputs ?? 0 : 0;
    before.push(...convolutionSpec(down, [input, hidden], { zeroInputs }));
    if (kind === "inner") before.push(...batchNormSpec(downNorm, hidden));
    after.unshift(
      ...convolutionSpec(up, upChannels, { transposed: true, bias: kind === "outermost" }),
      ...(kind === "outermost" ? [] : batchNormSpec(upNorm, output)),
    );
  }
  return [...before, ...after];
}

/** Numbers that the layers of a U-Net put out for a picture of side `size`. */
export function unetOutputs(size: number, { nDown, ngf }: Omit<UnetShape, "dropout">): number {
  let numbers = 0;
  for (let depth = 0; depth < nDown; depth++) {
    const [outside, inside] = [size / 2 ** depth, size / 2 ** (depth + 1)];
    const [output, hidden] = [ngf * Math.min(8, 2 ** (depth - 1)), ngf * Math.min(8, 2 ** depth)];
    // Down, the two that are set beside each other, up again.
    numbers += 3 * inside ** 2 * hidden + outside ** 2 * (depth === 0 ? 2 : output);
  }
  return numbers;
}

/** The names of one level's tensors. */
interface UnetLevel {
  /** Halves: a convolution, and the prefix of its batch norm where it has one. */
  readonly down: { readonly weight: string; readonly norm: string | undefined };
  /** Doubles: a transposed convolution with a bias or a batch norm. */
  readonly up: {
    readonly weight: string;
    readonly bias: string | undefined;
    readonly norm: string | undefined;
  };
}

/** The generator's levels from the outermost to the innermost, for who computes them otherwise. */
export function unetLevels(config: UnetShape): UnetLevel[] {
  return blocks(config).map(({ kind, prefix }) => {
    const [down, downNorm, up, upNorm] = positions(kind, prefix);
    const isOutermost = kind === "outermost";
    return {
      down: { weight: `${down}.weight`, norm: kind === "inner" ? downNorm : undefined },
      up: {
        weight: `${up}.weight`,
        bias: isOutermost ? `${up}.bias` : undefined,
        norm: isOutermost ? undefined : upNorm,
      },
    };
  });
}

/** The prefixes of a block's down convolution, its norm, the up convolution and its norm. */
export function positions(kind: Block["kind"], prefix: string): [string, string, string, string] {
  const numbers = { outermost: [0, -1, 3, -1], inner: [1, 2, 5, 6], innermost: [1, -1, 3, 4] };
  return numbers[kind].map((n) => `${prefix}.${n}`) as [string, string, string, string];
}
