import assert from "assert";
import fc from "fast-check";
import type { Option } from "../../src/config/option.ts";
import {
  parseTrainingConfig,
  trainingOptions,
  trainingViolations,
} from "../../src/config/training.ts";
import { TinctError } from "../../src/errors.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import {
  choiceName,
  configMessage,
  fieldName,
  givenOptions,
} from "../../src/protocol/training_options.ts";
import { ending, Scene } from "../service/scene.ts";

const options: readonly (readonly [string, Option])[] = Object.entries(trainingOptions);
const { requestSerialize, requestDeserialize } =
  loadPublicContract().service("tinct.v1.ColorizationService").Train;

/** What the server gets of a configuration: the numbers are those of the wire. */
function received(config: TrainingConfig): Record<string, unknown> {
  return givenOptions(requestDeserialize(requestSerialize({ config })).config);
}

/** Numbers that somebody tries. */
const odd = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e9, -0, 1e308, 5e-324, 2 ** 31, -2e9);

/** A value for an option as a message holds it: most often one that fits, else any that can be sent. */
function valueOf(name: string, option: Option): fc.Arbitrary<unknown> {
  switch (option.kind) {
    case "boolean":
      return fc.boolean();
    case "choice": {
      const words = option.choices.map((choice) => choiceName(name, choice));
      return fc.oneof(
        { weight: 19, arbitrary: fc.constantFrom(...words) },
        { weight: 1, arbitrary: fc.integer({ min: option.choices.length + 1, max: 2 ** 31 - 1 }) },
      );
    }
    case "integer":
      return fc.oneof(
        { weight: 19, arbitrary: fc.integer({ min: option.min, max: option.max }) },
        { weight: 1, arbitrary: fc.oneof(fc.integer(), odd) },
      );
    case "number":
      return fc.oneof(
        {
          weight: 19,
          arbitrary: fc.double({ min: option.min, max: option.max, noNaN: true }),
        },
        { weight: 1, arbitrary: fc.oneof(fc.double(), odd) },
      );
  }
}

/** Whether a value that was received fits its option: said again here, not asked of the program. */
function fits(option: Option, value: unknown): boolean {
  if (option.kind === "boolean") return typeof value === "boolean";
  if (option.kind === "choice") return option.choices.some((choice) => choice === value);
  return typeof value === "number" && value >= option.min && value <= option.max &&
    (option.kind === "number" || Math.floor(value) === value);
}

/** Configurations of one to all options; of few, so that many fit, and of many, so that they clash. */
const configurations: fc.Arbitrary<TrainingConfig> = fc.oneof(
  fc.subarray([...options], { minLength: 1, maxLength: 4 }),
  fc.subarray([...options], { minLength: 1 }),
).chain((some) =>
  fc.record(Object.fromEntries(some.map(([name, option]) => [name, valueOf(name, option)])))
) as fc.Arbitrary<TrainingConfig>;

Deno.test("5,000 generated configurations: every wrong field is named, or all goes through", () => {
  const counts = { fit: 0, misfit: 0, contradict: 0, both: 0 };
  const property = fc.property(configurations, (config) => {
    const given = received(config);
    const misfits = options
      .filter(([name, option]) => given[name] !== undefined && !fits(option, given[name]))
      .map(([name]) => name);
    const violations = trainingViolations(given);
    const named = [...new Set(violations.map(({ field }) => field))];
    if (misfits.length > 0) {
      counts.misfit++;
      for (const name of misfits) assert.ok(named.includes(name), name);
      // Whatever is named besides contradicts others that are right, so it does without the wrong.
      const right = Object.entries(given).filter(([name]) => !misfits.includes(name));
      const without = trainingViolations(Object.fromEntries(right)).map(({ field }) => field);
      const besides = named.filter((name) => !misfits.includes(name));
      for (const name of besides) assert.ok(without.includes(name), name);
      counts.both += Math.sign(besides.length);
    } else if (named.length > 0) {
      counts.contradict++;
      for (const name of named) assert.ok(Object.hasOwn(trainingOptions, name), name);
    }
    for (const { description } of violations) {
      assert.match(description, /^[a-z]/, "it goes on after the field's name");
    }
    if (named.length === 0) {
      counts.fit++;
      const parsed = parseTrainingConfig(given);
      assert.deepEqual(received(configMessage(parsed)), parsed);
      for (const [name, value] of Object.entries(given)) {
        assert.equal(parsed[name as keyof typeof parsed], value);
      }
    } else {
      assert.throws(
        () => parseTrainingConfig(given),
        (error) => error instanceof TinctError && error.violations.length === violations.length,
      );
    }
  });
  fc.assert(property, { numRuns: 5000, seed: 2026 });
  for (const [what, count] of Object.entries(counts)) {
    assert.ok(count > 150, `${count} of 5,000 ${what}`);
  }
});

/** What the issue names, and the fields that the answer must. */
const asked: readonly (readonly [TrainingConfig, readonly string[]])[] = [
  [{ batchSize: -1 }, ["batchSize"]],
  [{ batchSize: 1e9 }, ["batchSize"]],
  [{ lrG: NaN, lrD: Infinity }, ["lrG", "lrD"]],
  [{ lrG: -Infinity, beta1: NaN }, ["lrG", "beta1"]],
  [{ epochs: 2 ** 31 }, ["epochs"]],
  [{ ganMode: 99 as 1, init: 77 as 1, precision: -5 as 1 }, ["ganMode", "init", "precision"]],
  [{ labelReal: 0.2, labelFake: 0.4, size: 100 }, ["labelReal", "size"]],
  [{ crop: 0.9, rotate: 20 }, ["crop"]],
  [{ batchSize: 0, ganMode: "GAN_MODE_WGANGP", normD: "DISCRIMINATOR_NORM_BATCH" }, [
    "batchSize",
    "normD",
  ]],
  [{ lrG: 2, pretrainSteps: 5, lambdaL1: 0, size: 100 }, ["lrG", "pretrainSteps", "size"]],
];

Deno.test("Train answers INVALID_ARGUMENT that names every wrong field, or begins a job", async (t) => {
  await using scene = await Scene.open();
  const train = (config: TrainingConfig) =>
    ending<TrainResponse__Output>((back) =>
      scene.colorization.train({ dataset: "meadow", config }, back)
    );
  for (const [config, fields] of asked) {
    await t.step(`${fields}`, async () => {
      const result = await train(config);
      assert.ok("error" in result, "it was taken");
      assert.equal(result.error.code, "INVALID_ARGUMENT", result.error.message);
      const expected = fields.map((name) => `config.${fieldName(name)}`);
      assert.deepEqual(result.error.fields.toSorted(), expected.toSorted());
    });
  }

  await t.step("generated ones, as the property says", async () => {
    for (const config of fc.sample(configurations, { numRuns: 150, seed: 7 })) {
      const given = received(config);
      const violations = trainingViolations(given);
      const result = await train(config);
      const refused = "error" in result ? result.error.fields : [];
      const expected = new Set(violations.map(({ field }) => `config.${fieldName(field)}`));
      // What a perceptual loss sees with comes in files, which these requests name none of. Values that
      // do not fit say nothing of it.
      const sound = Object.fromEntries(
        options.map((
          [name, option],
        ) => [name, fits(option, given[name]) ? given[name] : undefined]),
      );
      if (Number(sound["lambdaPerceptual"] ?? 0) > 0) {
        expected.add(sound["perceptual"] === "encoder" ? "encoder_weights" : "perceptual_weights");
      }
      assert.deepEqual(new Set(refused), expected, JSON.stringify(result));
      assert.equal(
        "error" in result ? result.error.code : "",
        refused.length > 0 ? "INVALID_ARGUMENT" : "",
      );
    }
    assert.deepEqual(scene.logged, []);
  });
});
