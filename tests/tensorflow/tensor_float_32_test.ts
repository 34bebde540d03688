import assert from "assert";
import { allowTensorFloat32, tensorFloat32Allowed } from "../../src/tensorflow/tensor_float_32.ts";
import { testLibrary } from "./test_library.ts";

Deno.test("TensorFloat-32 is on in TensorFlow, and goes off and on as it is told", () => {
  const { symbols } = testLibrary();
  assert.equal(tensorFloat32Allowed(symbols), true);
  assert.equal(allowTensorFloat32(symbols, false), true);
  assert.equal(tensorFloat32Allowed(symbols), false);
  assert.equal(allowTensorFloat32(symbols, true), true);
  assert.equal(tensorFloat32Allowed(symbols), true);
});

Deno.test("a library without the function says that it cannot be told", () => {
  const symbols = {
    ...testLibrary().symbols,
    enable_tensor_float_32_execution: null,
    tensor_float_32_execution_enabled: null,
  };
  assert.equal(allowTensorFloat32(symbols, false), false);
  assert.equal(tensorFloat32Allowed(symbols), undefined);
});
