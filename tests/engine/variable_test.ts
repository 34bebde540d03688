import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Variable } from "../../src/engine/variable.ts";
import { call, engineTest, makeVariable, valuesOf } from "./test_engine.ts";

engineTest("a variable holds what it was last assigned", (engine) => {
  using variable = makeVariable(engine, [1, 2]);
  assert.deepEqual(valuesOf(() => variable.read()), [1, 2]);
  tf.tidy(() => variable.assign(tf.tensor1d([3, 4])));
  assert.deepEqual(valuesOf(() => variable.read()), [3, 4]);
});

engineTest("a value read stays as it was when the variable moves on", (engine) => {
  using variable = makeVariable(engine, [1, 2]);
  const read = variable.read();
  const value = tf.tensor1d([3, 4]);
  variable.assign(value);
  tf.tidy(() => variable.assign(tf.add(variable.read(), 1)));
  assert.deepEqual([...read.dataSync()], [1, 2]);
  assert.deepEqual([...value.dataSync()], [3, 4]);
  tf.dispose([read, value]);
});

engineTest("variables of one name are different variables", (engine) => {
  using first = makeVariable(engine, [1], { name: "same" });
  using second = makeVariable(engine, [2], { name: "same" });
  assert.deepEqual(valuesOf(() => first.read()), [1]);
  assert.deepEqual(valuesOf(() => second.read()), [2]);
});

engineTest("a variable refuses a value of another shape", (engine) => {
  using variable = makeVariable(engine, [1, 2]);
  for (const value of [tf.tensor1d([1]), tf.tensor2d([[1, 2]]), tf.scalar(1)]) {
    assert.throws(() => variable.assign(value), {
      name: "RangeError",
      message: `The variable weight has the shape [2], the new value [${value.shape}].`,
    });
    value.dispose();
  }
  assert.deepEqual(valuesOf(() => variable.read()), [1, 2]);
});

engineTest("a variable is gone once it is disposed of, and may be disposed of twice", (engine) => {
  const variable = makeVariable(engine, [1, 2]);
  variable[Symbol.dispose]();
  variable[Symbol.dispose]();
  assert.throws(() => variable.read(), { name: "TinctError", message: /There is no tensor/ });
});

engineTest("a variable is not made inside a function that is being traced", (engine) => {
  using compiled = new CompiledFunction(engine, (x) => {
    using inside = makeVariable(engine, [1], { name: "inside" });
    return [tf.add(x!, inside.read())];
  }, { name: "making" });
  const x = tf.tensor1d([1]);
  assert.throws(() => compiled.prepare(x), {
    name: "TypeError",
    message: "The variable inside was made while a function was being traced.",
  });
  x.dispose();
});

type Body = (variable: Variable, x: Tensor, engine: Engine) => Tensor[];

/** For each of many calls, from 1000 on, the results and what the variable is afterwards. */
async function outcomesOf(
  engine: Engine,
  body: Body,
  { ordered, calls = 25 }: { ordered: boolean; calls?: number },
): Promise<number[][]> {
  using variable = makeVariable(engine, [0], { shape: [] });
  using compiled = new CompiledFunction(engine, (x) => body(variable, x!, engine), {
    name: "ordering",
    ordered,
  });
  const slow = tf.ones([300, 300]);
  const outcomes: number[][] = [];
  for (let call = 0; call < calls; call++) {
    tf.tidy(() => variable.assign(tf.scalar(1000)));
    const results = await compiled.call(slow);
    outcomes.push([
      ...results.map((result) => result.dataSync()[0]!),
      ...valuesOf(() => variable.read()),
    ]);
    tf.dispose(results);
  }
  slow.dispose();
  return outcomes;
}

/**
 * 300, which takes 27 million multiplications: what depends on it is late, and what ought to wait
 * for that but need not is early.
 *
 * @param x ones, [300, 300].
 */
function slowly(x: Tensor): Tensor {
  return tf.mean(tf.matMul(x as Tensor2D, x as Tensor2D));
}

/** Adds to a variable in place. */
function add(engine: Engine, variable: Variable, value: Tensor): void {
  const { binding } = engine;
  binding.executeOp(
    "AssignAddVariableOp",
    [{ name: "dtype", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }],
    [variable.handleId, engine.idOf(value)],
    0,
  );
}

const chains: Record<string, {
  body: Body;
  /** The results in order, then the variable's last value. */
  expected: number[];
}> = {
  "a read after a slow write sees it": {
    body: (variable, x) => {
      variable.assign(slowly(x));
      return [variable.read()];
    },
    expected: [300, 300],
  },
  "a write in place sees the write before it": {
    body: (variable, x, engine) => {
      variable.assign(slowly(x));
      add(engine, variable, tf.scalar(1));
      return [];
    },
    expected: [301],
  },
  "reads and writes in turn": {
    body: (variable, x) => {
      const first = variable.read(); // 1000
      variable.assign(tf.add(first, slowly(x))); // 1300
      const second = variable.read();
      variable.assign(tf.mul(second, 2)); // 2600
      const third = variable.read();
      variable.assign(tf.sub(third, tf.mul(slowly(x), 2))); // 2000
      return [first, second, third];
    },
    expected: [1000, 1300, 2600, 2000],
  },
};

for (const [name, { body, expected }] of Object.entries(chains)) {
  engineTest(`program order is kept in a compiled function: ${name}`, async (engine) => {
    const outcomes = await outcomesOf(engine, body, { ordered: true });
    for (const actual of outcomes) assert.deepEqual(actual, expected);
  });

  engineTest(`program order is not kept without control edges: ${name}`, async (engine) => {
    const outcomes = await outcomesOf(engine, body, { ordered: false });
    const wrong = outcomes.filter((actual) => `${actual}` !== `${expected}`);
    assert.ok(
      wrong.length > 0,
      "the order was right by chance 25 times: the test above proves nothing",
    );
  });
}

engineTest("a write comes after the reads before it", async (engine) => {
  // The slow part here is what is made of the value read, not the value written.
  const outcomes = await outcomesOf(engine, (variable, x) => {
    const before = variable.read();
    variable.assign(tf.scalar(5));
    return [tf.add(before, slowly(x)), variable.read()];
  }, { ordered: true });
  for (const actual of outcomes) assert.deepEqual(actual, [1300, 5, 5]);
});

engineTest("rows and sums change in place, and keep their order when compiled", async (engine) => {
  using table = makeVariable(engine, [1, 2, 3, 4, 5, 6], { name: "table", shape: [3, 2] });
  const steps = (rows: Tensor, values: Tensor) => {
    const before = table.readRows(rows);
    table.assignRows(rows, values);
    const between = table.readRows(rows);
    table.add(tf.ones([3, 2]));
    return [before, between, table.readRows(rows)];
  };
  const expected = [[5, 6, 1, 2], [10, 20, 30, 40], [11, 21, 31, 41]];
  const inputs = [tf.tensor1d([2, 0], "int32"), tf.tensor2d([[10, 20], [30, 40]])] as const;
  const eager = tf.tidy(() => steps(...inputs).map((each) => [...each.dataSync()]));
  assert.deepEqual(eager, expected);
  assert.deepEqual(valuesOf(() => table.read()), [31, 41, 4, 5, 11, 21]);
  tf.tidy(() => table.assign(tf.tensor2d([[1, 2], [3, 4], [5, 6]])));
  using compiled = new CompiledFunction(engine, (rows, values) => steps(rows!, values!), {
    name: "rows",
  });
  assert.deepEqual(await call(compiled, ...inputs), expected);
  tf.dispose([...inputs]);
});
