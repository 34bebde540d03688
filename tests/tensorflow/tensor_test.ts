import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { libraryTest } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

function hostTensor(dataType: number, shape: readonly number[], values: ArrayBufferView) {
  return HostTensor.of(testLibrary().symbols, dataType, shape, values);
}

libraryTest("HostTensor.of() copies the bytes of every type of fixed size", () => {
  const bytes = Uint8Array.from({ length: 48 }, (_, i) => i * 5);
  const cases: [dataType: number, sizeBytes: number][] = [
    [DataType.UINT8, 1],
    [DataType.BOOL, 1],
    [DataType.BFLOAT16, 2],
    [DataType.HALF, 2],
    [DataType.FLOAT, 4],
    [DataType.INT32, 4],
    [DataType.DOUBLE, 8],
    [DataType.INT64, 8],
    [DataType.UINT64, 8],
    [DataType.COMPLEX64, 8],
  ];
  for (const [dataType, sizeBytes] of cases) {
    const values = bytes.slice(0, 6 * sizeBytes);
    using tensor = hostTensor(dataType, [2, 3], values);
    assert.deepEqual(tensor.bytes(), values);
  }
});

libraryTest("HostTensor.of() takes a view's own part of its buffer, and does not keep it", () => {
  const buffer = Float32Array.of(1, 2, 3, 4, 5);
  using tensor = hostTensor(DataType.FLOAT, [3], buffer.subarray(1, 4));
  buffer.fill(0);
  assert.deepEqual([...new Float32Array(tensor.bytes().slice().buffer)], [2, 3, 4]);
});

libraryTest("HostTensor.of() holds a scalar, and nothing at all", () => {
  using scalar = hostTensor(DataType.INT32, [], Int32Array.of(7));
  assert.deepEqual([...scalar.bytes()], [7, 0, 0, 0]);
  using empty = hostTensor(DataType.FLOAT, [4, 0], new Float32Array(0));
  assert.equal(empty.bytes().length, 0);
});

libraryTest("HostTensor.of() refuses values that do not fill the shape exactly", () => {
  const cases: [shape: number[], count: number, message: RegExp][] = [
    [[2, 3], 5, /shape \[2,3\] and type 1 takes 24 bytes, not 20/],
    [[2, 3], 7, /takes 24 bytes, not 28/],
    [[], 0, /takes 4 bytes, not 0/],
    [[0], 1, /takes 0 bytes, not 4/],
  ];
  for (const [shape, count, message] of cases) {
    const values = new Float32Array(count);
    assert.throws(() => hostTensor(DataType.FLOAT, shape, values), { name: "RangeError", message });
  }
});

libraryTest("HostTensor.of() refuses types without a fixed size", () => {
  for (const dataType of [DataType.STRING, DataType.RESOURCE, 0]) {
    assert.throws(() => hostTensor(dataType, [1], new Uint8Array(8)), {
      name: "TypeError",
      message: new RegExp(`type ${dataType} has no fixed size`),
    });
  }
});

libraryTest("HostTensor.of() says so where the library got no memory for it", () => {
  // That it has no data is how the library tells of it, after ten seconds of trying.
  const symbols = { ...testLibrary().symbols, TF_TensorData: () => null };
  const before = liveObjects();
  assert.throws(
    () => HostTensor.of(symbols, DataType.FLOAT, [2, 300], new Float32Array(600)),
    (error: TinctError) => error.code === "resource_exhausted" && /2,400 bytes/.test(error.message),
  );
  assert.deepEqual(liveObjects(), before);
});
