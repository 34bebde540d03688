import { TinctError } from "../errors.ts";
import { readModelFile } from "./external_data.ts";
import { formats } from "./onnx_tensor.ts";

/** An array of NumPy, as TensorFlow computes with it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** The ONNX types by NumPy's names of them. */
const types: Readonly<Record<string, number>> = {
  "<f4": 1,
  "|u1": 2,
  "<i4": 6,
  "<i8": 7,
  "|b1": 9,
  "<f2": 10,
  "<f8": 11,
};

/**
 * Reads a .npy file (numpy.lib.format).
 *
 * @throws TinctError `not_found`, `data_loss` for what is none, `unimplemented` for types and orders
 *   that are not read.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await readModelFile(path);
  const isNpy = bytes[0] === 0x93 && new TextDecoder().decode(bytes.subarray(1, 6)) === "NUMPY";
  const damaged = (why: string) => new TinctError("data_loss", `${path} ${why}.`);
  if (!isNpy || bytes.length < 12) throw damaged("is no .npy file: write it with numpy.save");
  const view = new DataView(bytes.buffer);
  const [start, length] = bytes[6] === 1
    ? [10, view.getUint16(8, true)]
    : [12, view.getUint32(8, true)];
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const sizes = /'shape':\s*\(([\d, L]*)\)/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  if (type === undefined || sizes === undefined || order === undefined) {
    throw damaged("has a header that says no type and shape");
  }
  const shape = sizes.split(",").map((each) => each.trim()).filter((each) => each !== "")
    .map((each) => parseInt(each));
  const format = formats[types[type] ?? 0];
  if (format === undefined || order === "True") {
    throw new TinctError(
      "unimplemented",
      `${path} holds "${type}"${
        order === "True" ? " in Fortran's order" : ""
      }; write it as float32 ` +
        "with numpy.ascontiguousarray.",
    );
  }
  const data = bytes.slice(start + length);
  const count = shape.reduce((a, b) => a * b, 1);
  if (data.length !== count * format.sizeBytes) {
    throw damaged(`does not have the ${count} numbers that [${shape}] needs`);
  }
  return { shape, dtype: format.dtype, values: format.values(data.buffer as ArrayBuffer) };
}
