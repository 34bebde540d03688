import {
  abScale,
  linearOfByte,
  rgbOfWhiteXyz,
  threshold,
  whiteXyzOfRgb,
} from "../color/cie_tables.ts";
import type { OnnxGraph } from "./onnx_graph.ts";
import { OnnxMath } from "./onnx_math.ts";
import { encodedSrgb, inverseLabCurve } from "./srgb_graph.ts";
import { addBringingUp, addSquash } from "./resampling_graph.ts";

/** Pictures that a whole graph takes and gives. */
const picture = { type: "uint8", shape: ["N", "height", "width", 3] } as const;

/**
 * Writes into a graph what colorizing does around a generator: pictures are squashed to a square, the
 * colours of its lightness brought up to their own size, and each pixel keeps its own lightness. It is
 * what `squashPicture`, `lightnessOfBytes`, `PhotoRecolorer` and `recolor` compute, which say why.
 *
 * @param size side of the square that the generator sees, pixels.
 * @param predict writes the generator: from the name of L to that of ab, [N, 2, size, size].
 */
export function addWhole(graph: OnnxGraph, size: number, predict: (L: string) => string): void {
  const math = new OnnxMath(graph);
  const image = graph.input({ name: "image", ...picture });
  const sizes = graph.node("Shape", [image]);
  const sideOf = (axis: number) => graph.node("Gather", [sizes, graph.integer(axis)]);
  const sides = { height: sideOf(1), width: sideOf(2), size };
  const bytes = graph.node("Transpose", [image], { perm: [0, 3, 1, 2] }); // [N, 3, H, W]
  const square = addSquash(graph, bytes, sides);
  const L = math.subtract(
    math.multiply(labCurve(math, luminance(math, lightOf(math, square))), 116 / 50),
    16 / 50 + 1,
  );
  const ab = math.multiply(addBringingUp(graph, predict(L), sides), abScale);
  const values = recolored(math, lightOf(math, bytes), ab);
  const rounded = graph.node("Round", [math.of("Clip", [values, 0, 255])]);
  const colored = graph.cast(rounded, "uint8");
  graph.node("Transpose", [colored], { perm: [0, 2, 3, 1] }, "colorized");
  graph.outputs.push({ name: "colorized", ...picture });
}

/** `linearOfBytes`, of whole numbers of any type and shape. */
function lightOf({ graph }: OnnxMath, bytes: string): string {
  const table = graph.constant(linearOfByte, [256]);
  return graph.node("Gather", [table, graph.cast(bytes, "int64")]);
}

/** Y of linear light: [N, 3, H, W] to [N, 1, H, W]. */
function luminance(math: OnnxMath, light: string): string {
  return math.mixed(light, [whiteXyzOfRgb[1]!]);
}

/** See `labCurve` of src/color. */
function labCurve(math: OnnxMath, xyz: string): string {
  const root = math.of("Pow", [math.largest(xyz, threshold), 1 / 3]);
  const line = math.add(math.multiply(xyz, 7.787), 16 / 116);
  return math.above(xyz, threshold, root, line);
}

/**
 * `recolorLight` of src/color, which says why.
 *
 * @param light the name of linear light, [N, 3, H, W].
 * @param ab the name of a and b in the units of L*a*b*, [N, 2, H, W].
 * @returns the name of sRGB in [0, 255], not rounded, [N, 3, H, W].
 */
function recolored(math: OnnxMath, light: string, ab: string): string {
  const { graph } = math;
  const y = luminance(math, light);
  const fy = labCurve(math, y);
  const fx = math.add(fy, math.multiply(math.plane(ab, 0), 1 / 500));
  const fz = math.subtract(fy, math.multiply(math.plane(ab, 1), 1 / 200));
  const back = inverseLabCurve(math, fy);
  const [dx, dz] = [fx, fz].map((f) =>
    math.subtract(inverseLabCurve(math, math.largest(f, 16 / 116)), back)
  ) as [string, string];
  const differences = graph.node("Concat", [dx, dz], { axis: 1 });
  const chroma = math.mixed(differences, rgbOfWhiteXyz.map(([x = 0, , z = 0]) => [x, z]));
  const room = math.above(chroma, 0, math.subtract(1, y), y);
  const fitting = math.divide(room, math.largest(graph.node("Abs", [chroma]), 1e-6));
  const least = graph.node("ReduceMin", [fitting], { axes: [1], keepdims: 1 });
  const linear = math.add(y, math.multiply(chroma, math.of("Min", [least, 1])));
  return encodedSrgb(math, linear);
}
