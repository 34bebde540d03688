import assert from "assert";
import { allowTensorFloat32, tensorFloat32Allowed } from "../../src/tensorflow/tensor_float_32.ts";
import { testLibrary } from "./test_library.ts";

Deno.test("TensorFloat-32 goes on and off as it is told", () => {
  const { symbols } = testLibrary();
  const before = tensorFloat32Allowed(symbols); // the process's, which tests before this one have set
  for (const allowed of [true, false, true, before ?? true]) {
    assert.equal(allowTensorFloat32(symbols, allowed), true);
    assert.equal(tensorFloat32Allowed(symbols), allowed);
  }
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
