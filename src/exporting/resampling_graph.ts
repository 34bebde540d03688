import { OnnxMath } from "./onnx_math.ts";
import type { OnnxGraph } from "./onnx_graph.ts";

/** A size that is known only when the graph runs: the name of a whole number. */
type Side = string;

/**
 * Squashes pictures to squares, as `squashPicture` does: by a triangle that averages over all that a
 * result's pixel covers, pixels beyond an edge as at the edge, rows first, rounded to bytes each time.
 *
 * @param bytes the name of uint8 [N, 3, H, W].
 * @returns the name of [N, 3, size, size], whole numbers in float32.
 */
export function addSquash(
  graph: OnnxGraph,
  bytes: string,
  { height, width, size }: { readonly height: Side; readonly width: Side; readonly size: number },
): string {
  const math = new OnnxMath(graph);
  const scaleOf = (side: Side) => math.divide(graph.cast(side, "float32"), size);
  const [down, across] = [scaleOf(height), scaleOf(width)];
  const rows = triangleWeights(math, { side: height, size, scale: down, other: across });
  const columns = triangleWeights(math, { side: width, size, scale: across, other: down });
  const padded = graph.node("Pad", [
    graph.cast(bytes, "float32"),
    pads(math, rows.beyond, columns.beyond),
  ], { mode: "edge" });
  const tall = graph.node("Round", [graph.node("MatMul", [rows.weights, padded])]);
  const turned = graph.node("Transpose", [columns.weights], { perm: [1, 0] });
  return graph.node("Round", [graph.node("MatMul", [tall, turned])]);
}

/** `Pad`'s list for [N, C, H, W]: before every axis, then behind. */
function pads({ graph }: OnnxMath, rows: string, columns: string): string {
  const none = graph.integers(0);
  const [down, across] = [rows, columns].map((count) =>
    graph.node("Reshape", [count, graph.integers(1)])
  ) as [string, string];
  return graph.node("Concat", [none, none, down, across, none, none, down, across], { axis: 0 });
}

/**
 * Weights [size, side + 2 beyond] of a triangle, and so many pixels beyond each edge. So libvips has
 * them, which squashes photos for training and colorizing: where there are four pixels or more for one,
 * it averages blocks of them first; where it enlarges, it begins half a result's pixel earlier, along
 * the other axis, too. What it rounds in between is left out: bytes differ by up to 3.
 */
function triangleWeights(
  math: OnnxMath,
  { side, size, scale, other }: {
    readonly side: Side;
    readonly size: number;
    /** Pixels of the picture for one of the result, along this axis and the other. */
    readonly scale: string;
    readonly other: string;
  },
): { readonly weights: string; readonly beyond: string } {
  const { graph } = math;
  const block = math.largest(graph.node("Floor", [math.multiply(scale, 0.5)]), 1);
  const step = math.divide(scale, block);
  const widening = math.largest(step, 1);
  const reach = math.multiply(math.add(graph.node("Ceil", [widening]), 1), block);
  const beyond = graph.cast(reach, "int64");
  const enlarges = math.of("Less", [scale, 1]);
  const middle = math.of("Where", [enlarges, 0, math.multiply(step, 0.5)]);
  const results = graph.constant(Float32Array.from({ length: size }, (_, i) => i), [size, 1]);
  const centers = math.add(math.multiply(results, step), math.subtract(middle, 0.5));
  const one = graph.integer(1);
  const from = graph.node("Neg", [beyond]);
  const range = graph.node("Range", [from, graph.node("Add", [side, beyond]), one]);
  const pixels = graph.cast(range, "float32");
  const positions = graph.node("Floor", [math.divide(pixels, block)]);
  const distance = math.divide(graph.node("Abs", [math.subtract(positions, centers)]), widening);
  const weights = normalized(math, graph.node("Relu", [math.subtract(1, distance)]));
  const before = graph.integers(...Array.from({ length: size }, (_, i) => Math.max(0, i - 1)));
  const both = math.add(weights, graph.node("Gather", [weights, before]));
  const isShifted = graph.node("And", [graph.node("Not", [enlarges]), math.of("Less", [other, 1])]);
  return { weights: math.of("Where", [isShifted, math.multiply(both, 0.5), weights]), beyond };
}

/**
 * Brings predicted colours up to the size of their pictures, as `PhotoRecolorer` does by
 * `resamplingWeights`.
 *
 * @param ab the name of [N, 2, size, size]; not a number is gray, and nothing is beyond 4.
 * @returns the name of [N, 2, H, W].
 */
export function addBringingUp(
  graph: OnnxGraph,
  ab: string,
  { height, width, size }: { readonly height: Side; readonly width: Side; readonly size: number },
): string {
  const math = new OnnxMath(graph);
  const numbers = math.of("Where", [graph.node("IsNaN", [ab]), 0, ab]);
  const sound = math.of("Clip", [numbers, -4, 4]);
  const [rows, columns] = [height, width].map((side) => mitchellWeights(math, side, size));
  const tall = graph.node("MatMul", [rows!, sound]);
  return graph.node("MatMul", [tall, graph.node("Transpose", [columns!], { perm: [1, 0] })]);
}

/** `resamplingWeights`, [side, size]. */
function mitchellWeights(math: OnnxMath, side: Side, size: number): string {
  const { graph } = math;
  const scale = math.divide(size, graph.cast(side, "float32"));
  const widening = math.largest(scale, 1);
  const zero = graph.integer(0);
  const one = graph.integer(1);
  const outputs = graph.cast(graph.node("Range", [zero, side, one]), "float32");
  const column = graph.node("Unsqueeze", [outputs, graph.integers(1)]);
  const centers = math.subtract(math.multiply(math.add(column, 0.5), scale), 0.5);
  const inputs = graph.constant(Float32Array.from({ length: size }, (_, i) => i), [1, size]);
  const d = math.divide(graph.node("Abs", [math.subtract(inputs, centers)]), widening);
  const near = polynomial(math, d, [7 / 6, -2, 0, 16 / 18]);
  const far = polynomial(math, d, [-7 / 18, 2, -20 / 6, 32 / 18]);
  const weights = math.above(d, 1, math.above(d, 2, 0, far), near);
  return normalized(math, weights);
}

/** By Horner, the highest power first. */
function polynomial(math: OnnxMath, x: string, [first = 0, ...rest]: readonly number[]): string {
  return rest.reduce<string | number>(
    (sum, factor) => math.add(math.multiply(sum, x), factor),
    first,
  ) as string;
}

/** Rows that add up to 1. */
function normalized(math: OnnxMath, weights: string): string {
  const { graph } = math;
  const sums = graph.node("ReduceSum", [weights, graph.integers(1)], { keepdims: 1 });
  return math.divide(weights, sums);
}
