import assert from "assert";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { TensorHandle } from "../../src/tensorflow/tensor_handle.ts";
import { floats, ints, libraryTest, valuesOf } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

libraryTest("a TensorHandle knows its type and shape", () => {
  using matrix = floats([2, 3], [1, 2, 3, 4, 5, 6]);
  assert.equal(matrix.dataType, DataType.FLOAT);
  assert.deepEqual(matrix.shape, [2, 3]);
  using scalar = ints([], [9]);
  assert.equal(scalar.dataType, DataType.INT32);
  assert.deepEqual(scalar.shape, []);
  using empty = floats([3, 0, 2], []);
  assert.deepEqual(empty.shape, [3, 0, 2]);
});

libraryTest("a TensorHandle outlives the host tensor that it was made of", () => {
  const { symbols } = testLibrary();
  const tensor = HostTensor.of(symbols, DataType.FLOAT, [2], Float32Array.of(1.5, -2));
  using handle = TensorHandle.of(symbols, tensor);
  tensor[Symbol.dispose]();
  assert.deepEqual(valuesOf(handle), [1.5, -2]);
});

libraryTest("share() makes a second owner that outlives the first", () => {
  const first = floats([2], [3, 4]);
  using second = first.share();
  first[Symbol.dispose]();
  assert.deepEqual(second.shape, [2]);
  assert.deepEqual(valuesOf(second), [3, 4]);
});

libraryTest("resolveAsync() gives the values of resolve()", async () => {
  using handle = ints([2], [5, -6]);
  using tensor = await handle.resolveAsync();
  assert.deepEqual([...new Int32Array(tensor.bytes().slice().buffer)], [5, -6]);
});
