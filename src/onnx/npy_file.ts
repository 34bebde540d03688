import { TinctError } from "../errors.ts";
import { readModelFile } from "./external_data.ts";

/** An array of NumPy, as TensorFlow computes with it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** By NumPy's name of a type. */
const readers: Readonly<
  Record<
    string,
    { readonly sizeBytes: number; readonly values: (b: ArrayBuffer) => NpyArray["values"] }
  >
> = {
  "<f4": { sizeBytes: 4, values: (buffer) => new Float32Array(buffer) },
  "<f8": { sizeBytes: 8, values: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  "<f2": { sizeBytes: 2, values: (buffer) => new Float32Array(new Float16Array(buffer)) },
  "<i4": { sizeBytes: 4, values: (buffer) => new Int32Array(buffer) },
  "<i8": {
    sizeBytes: 8,
    values: (buffer) => Int32Array.from(new BigInt64Array(buffer), (value) => Number(value)),
  },
  "|u1": { sizeBytes: 1, values: (buffer) => Int32Array.from(new Uint8Array(buffer)) },
  "|b1": { sizeBytes: 1, values: (buffer) => new Uint8Array(buffer) },
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
  const reader = readers[type];
  if (reader === undefined || order === "True") {
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
  if (data.length !== count * reader.sizeBytes) {
    throw damaged(`does not have the ${count} numbers that [${shape}] needs`);
  }
  const values = reader.values(data.buffer as ArrayBuffer);
  const dtype = values instanceof Float32Array
    ? "float32"
    : values instanceof Int32Array
    ? "int32"
    : "bool";
  return { shape, dtype, values };
}
