import assert from "assert";
import type { Attribute } from "../../src/tensorflow/attributes.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import type { Context } from "../../src/tensorflow/context.ts";
import { EagerOperation } from "../../src/tensorflow/operation.ts";
import type { TensorHandle } from "../../src/tensorflow/tensor_handle.ts";
import { floats, ints, libraryTest, testContext, valuesOf } from "./test_context.ts";

const float: Attribute = { kind: "type", value: DataType.FLOAT };

/** An operation that is ready to run; the caller owns it. */
function operationOf(
  context: Context,
  name: string,
  inputs: readonly TensorHandle[],
  attributes: Readonly<Record<string, Attribute>>,
): EagerOperation {
  const operation = new EagerOperation(context, name);
  for (const input of inputs) operation.addInput(input);
  for (const [key, attribute] of Object.entries(attributes)) operation.setAttribute(key, attribute);
  return operation;
}

/** The values of the single result. */
function run(...description: Parameters<typeof operationOf>): number[] {
  using operation = operationOf(...description);
  const [result] = operation.execute(1);
  using handle = result!;
  return valuesOf(handle);
}

libraryTest("an operation takes attributes of every kind", () => {
  using context = testContext();
  using x = floats([1, 2, 2, 1], [1, 2, 3, 4]);
  using filter = floats([1, 1, 1, 1], [10]);
  const strides: Attribute = { kind: "ints", value: [1, 1, 1, 1] };
  const convolved = run(context, "Conv2D", [x, filter], {
    T: float,
    strides,
    padding: { kind: "string", value: "VALID" },
    use_cudnn_on_gpu: { kind: "bool", value: false },
  });
  assert.deepEqual(convolved, [10, 20, 30, 40]);

  using negative = floats([2], [-4, 4]);
  const alpha: Attribute = { kind: "float", value: 0.25 };
  assert.deepEqual(run(context, "LeakyRelu", [negative], { T: float, alpha }), [-1, 4]);

  using rows = floats([2, 3], [1, 2, 3, 4, 5, 6]);
  const axis: Attribute = { kind: "int", value: 1 };
  using stacking = operationOf(context, "Pack", [rows, rows], {
    T: float,
    N: { kind: "int", value: 2 },
    axis,
  });
  const [stacked] = stacking.execute(1);
  using result = stacked!;
  assert.deepEqual(result.shape, [2, 2, 3]);
  assert.deepEqual(valuesOf(result), [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);

  using variable = operationOf(context, "VarHandleOp", [], {
    dtype: float,
    shape: { kind: "shape", value: [2, 3] },
    shared_name: { kind: "string", value: new TextEncoder().encode("as bytes") },
  });
  const [handle] = variable.execute(1);
  using resource = handle!;
  assert.equal(resource.dataType, DataType.RESOURCE);
});

libraryTest("an operation gives all its results, in order", () => {
  using context = testContext();
  using axis = ints([], [0]);
  using x = floats([3], [7, 8, 9]);
  using operation = operationOf(context, "Split", [axis, x], {
    T: float,
    num_split: { kind: "int", value: 3 },
  });
  const results = operation.execute(5); // more room than there are results
  assert.deepEqual(results.map(valuesOf), [[7], [8], [9]]);
  for (const result of results) result[Symbol.dispose]();
});

libraryTest("an operation has no result where it writes", () => {
  using context = testContext();
  const dtype = float;
  using creation = operationOf(context, "VarHandleOp", [], {
    dtype,
    shape: { kind: "shape", value: [1] },
    shared_name: { kind: "string", value: "written" },
  });
  const [handle] = creation.execute(1);
  using resource = handle!;
  using value = floats([1], [5]);
  using assignment = operationOf(context, "AssignVariableOp", [resource, value], { dtype });
  assert.deepEqual(assignment.execute(0), []);
  assert.deepEqual(run(context, "ReadVariableOp", [resource], { dtype }), [5]);
  using removal = operationOf(context, "DestroyResourceOp", [resource], {});
  assert.deepEqual(removal.execute(0), []);
});

libraryTest("executeAsync() lets the event loop turn while the operation runs", async () => {
  using context = testContext();
  const side = 1200; // 3.5 GFLOP: at least some milliseconds
  using x = floats([side, side], new Array(side * side).fill(1));
  using operation = operationOf(context, "MatMul", [x, x], { T: float });

  let done = false;
  let turns = 0;
  const turning = (async () => {
    while (!done) {
      await new Promise(setImmediate);
      turns++;
    }
  })();
  const [result] = await operation.executeAsync(1);
  done = true;
  using product = result!;
  const turnsMeanwhile = turns;
  await turning;
  assert.equal(valuesOf(product)[side * side - 1], side);
  // A call that blocks leaves room for one turn at most, before it is noticed that it has ended.
  assert.ok(turnsMeanwhile > 10, `the event loop turned ${turnsMeanwhile} times`);
});

libraryTest("calls that run at once get each its own result or error", async () => {
  using context = testContext();
  const axis: Attribute = { kind: "int", value: 0 };
  const calls = Array.from({ length: 12 }, async (_, i) => {
    using x = floats([1], [i % 3 === 0 ? NaN : i]);
    const message: Attribute = { kind: "string", value: `call ${i}` };
    using operation = i % 3 === 1
      ? operationOf(context, "Unpack", [x], { T: float, num: { kind: "int", value: 2 }, axis })
      : operationOf(context, "CheckNumerics", [x], { T: float, message });
    const [result] = await operation.executeAsync(1);
    using handle = result!;
    return valuesOf(handle);
  });
  const outcomes = await Promise.allSettled(calls);
  for (const [i, outcome] of outcomes.entries()) {
    if (i % 3 === 2) {
      assert.deepEqual(outcome, { status: "fulfilled", value: [i] });
    } else {
      assert.ok(outcome.status === "rejected");
      const says = i % 3 === 0
        ? `TensorFlow failed at CheckNumerics (code 3): call ${i} : Tensor had NaN values`
        : "TensorFlow failed at Unpack (code 3): Expecting 2 outputs";
      assert.ok(String(outcome.reason.message).startsWith(says), outcome.reason.message);
    }
  }
});

libraryTest("an operation's type follows from its inputs where it is not set", () => {
  using context = testContext();
  using x = ints([2], [3, -4]);
  using operation = operationOf(context, "Neg", [x], {});
  const [result] = operation.execute(1);
  using negative = result!;
  assert.equal(negative.dataType, DataType.INT32);
});
