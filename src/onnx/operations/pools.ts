import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Operation, OperationCall } from "../operation_call.ts";
import { asMap, map } from "../onnx_value.ts";
import { padMap, type Window, windowOf } from "./windows.ts";

/** Pools, and the changes of a map's sides. */
export const pools: Readonly<Record<string, Operation>> = {
  MaxPool: (call) => {
    const x = mapOf(call);
    const { kernel, strides, pads } = poolWindow(call, x);
    // Not infinity: it would turn to NaN where a device multiplies by it.
    return map(tf.maxPool(padMap(x, pads, -3.4e38), kernel, strides, "valid"));
  },
  AveragePool: (call) => {
    const x = mapOf(call);
    const { kernel, strides, pads } = poolWindow(call, x);
    const mean = (maps: Tensor) => tf.avgPool(padMap(maps, pads, 0), kernel, strides, "valid");
    return map(
      call.flag("count_include_pad") || pads.every((each) => each === 0)
        ? mean(x)
        : tf.div(mean(x), mean(tf.onesLike(x))),
    );
  },
  GlobalAveragePool: (call) => map(tf.mean(mapOf(call), [1, 2], true)),
  DepthToSpace: (call) => {
    const x = mapOf(call);
    const size = call.integer("blocksize", 1);
    const [batch, height, width, channels] = x.shape;
    if (size < 1) throw call.unsupported(`DepthToSpace by ${size}`);
    if (call.text("mode", "DCR") === "DCR") return map(tf.depthToSpace(x, size, "NHWC"));
    const out = channels / size ** 2;
    const apart = tf.transpose(
      tf.reshape(x, [batch, height, width, out, size, size]),
      [0, 1, 4, 2, 5, 3],
    );
    return map(tf.reshape(apart, [batch, height * size, width * size, out]));
  },
  Resize: (call) => {
    const x = mapOf(call);
    const [, height, width] = x.shape;
    const [rows, columns] = resizedSides(call, [height, width]);
    const mode = call.text("mode", "nearest");
    const transform = call.text("coordinate_transformation_mode", "half_pixel");
    const how = `Resize by ${mode} with ${transform}`;
    if (call.flag("antialias") || call.flag("exclude_outside")) throw call.unsupported(how);
    const isCorners = transform === "align_corners";
    const isHalf = transform === "half_pixel" ||
      (transform === "pytorch_half_pixel" && rows > 1 && columns > 1);
    if (!isCorners && !isHalf && transform !== "asymmetric") throw call.unsupported(how);
    if (mode === "linear") {
      return map(tf.image.resizeBilinear(x, [rows, columns], isCorners, isHalf));
    }
    const rounding = call.text("nearest_mode", "round_prefer_floor");
    // Of whole factors upwards half pixels never lie between two, so that every rounding is alike.
    const isWhole = rows % height === 0 && columns % width === 0;
    const isFloor = transform === "asymmetric" && rounding === "floor";
    if (mode !== "nearest" || !(isFloor || (isHalf && isWhole && rounding.startsWith("round")))) {
      throw call.unsupported(`${how} and ${rounding}`);
    }
    return map(tf.image.resizeNearestNeighbor(x, [rows, columns], false, isHalf));
  },
};

function mapOf(call: OperationCall) {
  const value = call.value(0);
  if (value.tensor.rank !== 4) throw call.unsupported(`an input of rank ${value.tensor.rank}`);
  return asMap(value);
}

function poolWindow(call: OperationCall, { shape }: Tensor): Window {
  const window = windowOf(call, shape);
  if (window.dilations.some((each) => each !== 1)) throw call.unsupported("dilated windows");
  return window;
}

/** By sizes, or by factors that give whole sides. */
function resizedSides(
  call: OperationCall,
  sides: readonly [number, number],
): readonly [number, number] {
  const axes = call.integers("axes") ?? [0, 1, 2, 3];
  if (call.text("keep_aspect_ratio_policy", "stretch") !== "stretch") {
    throw call.unsupported("Resize that keeps the aspect ratio");
  }
  const sizes = call.has(3) ? call.numbers(3) : [];
  const factors = sizes.length > 0 ? [] : call.numbers(call.opset < 11 ? 1 : 2);
  return ([2, 3] as const).map((axis) => {
    const index = axes.findIndex((each) => each === axis || each === axis - 4);
    const side = sides[axis - 2]!;
    if (index < 0) return side;
    if (sizes.length > 0) return sizes[index]!;
    const wanted = side * (factors[index] ?? 1);
    if (wanted !== Math.round(wanted)) {
      throw call.unsupported(`Resize of ${side} by ${factors[index]}`);
    }
    return wanted;
  }) as [number, number];
}
