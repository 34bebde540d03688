import type { ConvolutionNames } from "../inference/folded_convolution.ts";
import type { FoldedWeights, WeightLayout } from "./folded_weights.ts";
import type { OnnxGraph } from "./onnx_graph.ts";

/** How a convolution moves; by default from pixel to pixel, and sees one at a time. */
interface Move {
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: number;
  /** The channels are so many groups, each of which is seen by itself. */
  readonly groups?: number;
}

/** Writes layers that several generators have. */
export class GraphLayers {
  readonly graph: OnnxGraph;
  protected readonly weights: FoldedWeights;
  /** So many of the first convolution's inputs are there; undefined: all. */
  #inputs: number | undefined;

  constructor(graph: OnnxGraph, weights: FoldedWeights, inputs?: number) {
    this.graph = graph;
    this.weights = weights;
    this.#inputs = inputs;
  }

  /** A convolution with its batch norm; `isTransposed`: one that doubles. */
  convolution(
    x: string,
    names: ConvolutionNames,
    { kernel = 1, stride = 1, padding = 0, groups }: Move = {},
    { isTransposed = false, output }: {
      readonly isTransposed?: boolean;
      readonly output?: string | undefined;
    } = {},
  ): string {
    const layout = { isTransposed, inputs: this.#inputs };
    this.#inputs = undefined;
    const constants = [this.weight(names, layout)];
    const bias = this.weights.bias(names);
    if (bias !== undefined) {
      const name = names.bias ?? `${names.norm}.bias`;
      const channels = this.weights.shapeOf(names)[isTransposed ? 1 : 0] ?? 0;
      constants.push(this.graph.weight({ name, shape: [channels], pieces: bias }));
    }
    return this.graph.node(
      isTransposed ? "ConvTranspose" : "Conv",
      [x, ...constants],
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [padding, padding, padding, padding],
        ...(groups !== undefined && { group: groups }),
      },
      output,
    );
  }

  /** The weight of a convolution. */
  weight(names: ConvolutionNames, layout: WeightLayout = {}): string {
    const shape = this.weights.shapeOf(names, layout);
    const pieces = this.weights.weight(names, layout);
    return this.graph.weight({ name: names.weight, shape, pieces });
  }

  /** A batch norm that follows no convolution. */
  norm(x: string, prefix: string): string {
    const { channels, scale, shift } = this.weights.norm(prefix);
    const shape = [channels, 1, 1];
    const factor = this.graph.weight({ name: `${prefix}.weight`, shape, pieces: scale });
    const term = this.graph.weight({ name: `${prefix}.bias`, shape, pieces: shift });
    return this.graph.node("Add", [this.graph.node("Mul", [x, factor]), term]);
  }

  relu(x: string): string {
    return this.graph.node("Relu", [x]);
  }

  /** PyTorch's PixelShuffle. */
  shuffle(x: string, factor: number): string {
    return this.graph.node("DepthToSpace", [x], { blocksize: factor, mode: "CRD" });
  }

  beside(...parts: string[]): string {
    return this.graph.node("Concat", parts, { axis: 1 });
  }
}
