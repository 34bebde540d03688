import assert from "assert";
import process from "node:process";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { CompiledFunction } from "../../src/engine/compile.ts";
import { Engine, type EngineOptions } from "../../src/engine/engine.ts";
import { Variable } from "../../src/engine/variable.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

let running: Engine | undefined;

/** Where the tests compute: `TINCT_TEST_DEVICE`, by default the CPU. */
export const testDevice = process.env["TINCT_TEST_DEVICE"] === "gpu" ? "gpu" : "cpu";

/**
 * The engine of this test file, started by the first test that asks for it: every test fails with
 * what to do where there is no library.
 */
async function testEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  return running ??= await Engine.start({
    libraryPath: libraryPath(),
    device: testDevice,
    ...options,
  });
}

Deno.test.afterAll(() => {
  running?.[Symbol.dispose]();
  assert.deepEqual(liveObjects(), {});
});

/** A test that fails, too, where it leaves tensors or objects of the C library behind. */
export function engineTest(
  name: string,
  body: (engine: Engine, t: Deno.TestContext) => Promise<void> | void,
): void {
  Deno.test(name, async (t) => {
    const engine = await testEngine();
    const before = leftovers(engine);
    await body(engine, t);
    assert.deepEqual(leftovers(engine), before, "tensors or objects were left behind");
  });
}

function leftovers(engine: Engine) {
  return {
    objects: liveObjects(),
    tensors: tf.memory().numTensors,
    ids: engine.binding.getNumOfTensors(),
  };
}

/** A variable of these values, by default a vector; the caller owns it. */
export function makeVariable(
  engine: Engine,
  values: readonly number[],
  { name = "weight", shape = [values.length] }: { name?: string; shape?: number[] } = {},
): Variable {
  const initial = tf.tensor([...values], shape);
  const variable = new Variable(engine, name, initial);
  initial.dispose();
  return variable;
}

/** The values that `make` computes, whose tensors are disposed of. */
export function valuesOf(make: () => Tensor): number[] {
  return tf.tidy(() => [...make().dataSync()]);
}

/** The values of each result of one call; the inputs are the caller's. */
export async function call(compiled: CompiledFunction, ...inputs: Tensor[]): Promise<number[][]> {
  const results = await compiled.call(...inputs);
  const values = results.map((result) => [...result.dataSync()]);
  tf.dispose(results);
  return values;
}

/** Asserts that numbers are equal to within an absolute and a relative tolerance. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 0, relative = 0 }: { absolute?: number; relative?: number },
): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    const allowed = absolute + relative * Math.abs(e);
    assert.ok(Math.abs(a - e) <= allowed, `number ${i} is ${a}, not ${e} (± ${allowed})`);
  }
}
