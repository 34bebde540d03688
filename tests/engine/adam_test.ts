import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Engine } from "../../src/engine/engine.ts";
import { Adam, type AdamOptions, adamRates } from "../../src/engine/adam.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { assertClose, engineTest, makeVariable, valuesOf } from "./test_engine.ts";

/** PyTorch's Adam (`torch.optim.adam._single_tensor_adam`), in float64. */
class ReferenceAdam {
  readonly parameters: number[];
  readonly #m: number[];
  readonly #v: number[];
  #step = 0;

  constructor(parameters: readonly number[]) {
    this.parameters = [...parameters];
    this.#m = parameters.map(() => 0);
    this.#v = parameters.map(() => 0);
  }

  update(gradient: ArrayLike<number>, lr: number, { beta1, beta2, epsilon }: AdamOptions): void {
    this.#step++;
    const stepSize = lr / (1 - beta1 ** this.#step);
    const correction = Math.sqrt(1 - beta2 ** this.#step);
    this.parameters.forEach((_, i) => {
      const g = gradient[i]!;
      this.#m[i] = beta1 * this.#m[i]! + (1 - beta1) * g;
      this.#v[i] = beta2 * this.#v[i]! + (1 - beta2) * g * g;
      const denominator = Math.sqrt(this.#v[i]!) / correction + epsilon;
      this.parameters[i]! -= stepSize * this.#m[i]! / denominator;
    });
  }
}

const size = 48;

/** Gradients of the sizes that occur, from 1e-6 to 10, of either sign. */
function gradientOf(step: number): Float32Array {
  return Float32Array.from(
    { length: size },
    (_, i) => Math.sin(i * 3.1 + step * 0.4) * 10 ** ((i % 8) - 6),
  );
}

/** Runs five steps of both and returns the largest difference, relative to the largest movement. */
function fiveSteps(engine: Engine, lr: number, options: AdamOptions): number {
  // From zero, so that float32 holds the whole movement and not what is left of it beside 1.
  const reference = new ReferenceAdam(new Array(size).fill(0));
  using variable = makeVariable(engine, reference.parameters);
  using adam = new Adam(engine, [variable], options);
  for (let step = 1; step <= 5; step++) {
    const gradient = gradientOf(step);
    reference.update(gradient, lr, options);
    const [rate, epsilon] = adamRates(lr, step, options);
    tf.tidy(() => {
      const rates = { rate: tf.scalar(rate), epsilon: tf.scalar(epsilon) };
      adam.update(variable, tf.tensor1d(gradient), rates);
    });
  }
  const moved = valuesOf(() => variable.read());
  const largest = Math.max(...reference.parameters.map(Math.abs));
  const differences = moved.map((value, i) => Math.abs(value - reference.parameters[i]!));
  return Math.max(...differences) / largest;
}

engineTest("five steps of Adam move weights as PyTorch's does", (engine) => {
  const cases: [lr: number, AdamOptions][] = [
    [2e-4, { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }],
    [1e-3, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }],
    [1e-2, { beta1: 0.7, beta2: 0.99, epsilon: 1e-8 }],
    [0.1, { beta1: 0, beta2: 0.9, epsilon: 1e-3 }],
    [1e-3, { beta1: 0.9, beta2: 0.999999, epsilon: 1e-8 }],
  ];
  for (const [lr, options] of cases) {
    const difference = fiveSteps(engine, lr, options);
    // Some ten roundings of float32 (6e-8 each) a step.
    assert.ok(difference < 1e-6, `${JSON.stringify({ lr, ...options })}: ${difference}`);
  }
});

engineTest("Adam moves weights of any size by the same steps", (engine) => {
  const options = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
  const start = Array.from(Float32Array.from({ length: size }, (_, i) => Math.cos(i)));
  const reference = new ReferenceAdam(start);
  using variable = makeVariable(engine, start);
  using adam = new Adam(engine, [variable], options);
  for (let step = 1; step <= 5; step++) {
    reference.update(gradientOf(step), 2e-4, options);
    const [rate, epsilon] = adamRates(2e-4, step, options);
    tf.tidy(() => {
      const rates = { rate: tf.scalar(rate), epsilon: tf.scalar(epsilon) };
      adam.update(variable, tf.tensor1d(gradientOf(step)), rates);
    });
  }
  // Each step rounds once more beside a weight of up to 1: 5 * 6e-8.
  assertClose(valuesOf(() => variable.read()), reference.parameters, { absolute: 4e-7 });
});

engineTest("Adam's moments are those of its definition, by the variable's name", (engine) => {
  using variable = makeVariable(engine, [0, 0]);
  using adam = new Adam(engine, [variable], { beta1: 0.5, beta2: 0.75, epsilon: 1e-8 });
  assert.deepEqual([...adam.m.keys(), ...adam.v.keys()], ["weight", "weight"]);
  const read = (moment: "m" | "v") => valuesOf(() => adam[moment].get("weight")!.read());
  assert.deepEqual([read("m"), read("v")], [[0, 0], [0, 0]]);
  for (const gradient of [[2, -4], [4, 0]]) {
    tf.tidy(() => {
      const rates = { rate: tf.scalar(0), epsilon: tf.scalar(1) };
      adam.update(variable, tf.tensor1d(gradient), rates);
    });
  }
  // m: 0.5 (0.5 g1) + 0.5 g2; v: 0.75 (0.25 g1^2) + 0.25 g2^2; all exact in float32.
  assert.deepEqual([read("m"), read("v")], [[2.5, -1], [4.75, 3]]);
  assert.deepEqual(valuesOf(() => variable.read()), [0, 0]); // the rate was 0
});

engineTest("a compiled update does what an eager one does", async (engine) => {
  const options = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
  const start = new Array(size).fill(0);
  using eager = makeVariable(engine, start);
  using compiled = makeVariable(engine, start);
  using adamEager = new Adam(engine, [eager], options);
  using adamCompiled = new Adam(engine, [compiled], options);
  using step = new CompiledFunction(engine, (gradient, rate, epsilon) => {
    adamCompiled.update(compiled, gradient!, { rate: rate!, epsilon: epsilon! });
    return [];
  }, { name: "adam" });
  for (let t = 1; t <= 3; t++) {
    const [rate, epsilon] = adamRates(1e-3, t, options).map((value) => tf.scalar(value));
    const gradient = tf.tensor1d(gradientOf(t));
    adamEager.update(eager, gradient, { rate: rate!, epsilon: epsilon! });
    assert.deepEqual(await step.call(gradient, rate!, epsilon!), []);
    tf.dispose([gradient, rate!, epsilon!]);
  }
  assert.deepEqual(valuesOf(() => compiled.read()), valuesOf(() => eager.read()));
});

engineTest("Adam refuses a variable that it has no moments of", (engine) => {
  using mine = makeVariable(engine, [0]);
  using adam = new Adam(engine, [], { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 });
  const one = tf.scalar(1);
  assert.throws(() => adam.update(mine, one, { rate: one, epsilon: one }), {
    name: "TypeError",
    message: /weight is not among the variables/,
  });
  one.dispose();
});

Deno.test("adamRates() corrects both biases in the rate and in epsilon", () => {
  // Decays that float32 holds exactly.
  const options = { beta1: 0.5, beta2: 0.75, epsilon: 1e-8 };
  const cases: [step: number, rate: number, epsilon: number][] = [
    [1, 0.1 * Math.sqrt(0.25) / 0.5, 1e-8 * 0.5],
    [2, 0.1 * Math.sqrt(1 - 0.5625) / 0.75, 1e-8 * Math.sqrt(1 - 0.5625)],
    [1000, 0.1, 1e-8],
  ];
  for (const [step, rate, epsilon] of cases) {
    assertClose(adamRates(0.1, step, options), [rate, epsilon], { relative: 1e-12 });
  }
  const [rate] = adamRates(2e-4, 1, { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 });
  assertClose([rate], [2e-4 * Math.sqrt(0.001) / 0.5], { relative: 1e-5 });
});
