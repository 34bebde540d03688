import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../../tensorflow/data_type.ts";
import { floatType, registerOperation, runSingle } from "./kernel.ts";

/**
 * The value of each byte in a table. tfjs has no type for uint8 and its own gather reads the
 * indices in JavaScript, which a trace cannot.
 *
 * @param table [256] float32.
 * @param bytes uint8, of any shape.
 * @returns float32, of the shape of `bytes`.
 */
export function lookUpBytes(table: Tensor, bytes: Tensor): Tensor {
  return tf.tidy(() => {
    const indices = runSingle("BytesToInt", { x: bytes });
    return runSingle("LookUp", { table, indices, axis: tf.scalar(0, "int32") });
  });
}

/** A float32 tensor of values in [0, 255], rounded to the nearest, as uint8. */
export function floatToBytes(values: Tensor): Tensor {
  return tf.tidy(() => runSingle("FloatToBytes", { x: values.clipByValue(0, 255).round() }));
}

/** Registers casts from and to uint8, and the table. */
export function registerBytes(): void {
  registerOperation("LookUp", ["table", "indices", "axis"], {
    name: "GatherV2",
    attributes: () => [
      floatType("Tparams"),
      { name: "Tindices", type: DataType.INT32 },
      { name: "Taxis", type: DataType.INT32 },
      { name: "batch_dims", int: 0 },
    ],
  });
  registerOperation("BytesToInt", ["x"], {
    name: "Cast",
    attributes: () => [
      { name: "SrcT", type: DataType.UINT8 },
      { name: "DstT", type: DataType.INT32 },
    ],
  });
  registerOperation("FloatToBytes", ["x"], {
    name: "Cast",
    attributes: () => [
      { name: "SrcT", type: DataType.FLOAT },
      { name: "DstT", type: DataType.UINT8 },
    ],
  });
}
