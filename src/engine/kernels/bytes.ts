import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../../tensorflow/data_type.ts";
import { registerOperation, runSingle } from "./kernel.ts";

/** A uint8 tensor, which tfjs has no type for, as int32: for looking values up in tables. */
export function bytesToInt(bytes: Tensor): Tensor {
  return runSingle("BytesToInt", { x: bytes });
}

/** A float32 tensor of values in [0, 255], rounded to the nearest, as uint8. */
export function floatToBytes(values: Tensor): Tensor {
  return runSingle("FloatToBytes", { x: values.clipByValue(0, 255).round() });
}

/** Registers casts from and to uint8. */
export function registerBytes(): void {
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
