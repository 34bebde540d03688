import assert from "assert";
import { recipeNames, recipeValues } from "../../src/config/recipes.ts";
import {
  completeTrainingOptions,
  parseTrainingConfig,
  trainingOptions,
  trainingViolations,
} from "../../src/config/training.ts";

Deno.test("every recipe sets options that there are, to values that fit together", () => {
  for (const recipe of recipeNames) {
    const values = recipeValues(recipe);
    const config: Readonly<Record<string, unknown>> = parseTrainingConfig({ recipe });
    for (const [name, option] of Object.entries(trainingOptions)) {
      const expected = name === "recipe" ? recipe : values[name] ?? option.default;
      assert.equal(config[name], expected, `${recipe}: ${name}`);
    }
    assert.deepEqual(
      Object.keys(values).filter((name) => !Object.hasOwn(trainingOptions, name)),
      [],
    );
  }
  assert.deepEqual(recipeValues("pix2pix"), {});
});

Deno.test("what is given wins over the recipe, and a whole configuration is taken as it is", () => {
  const config = parseTrainingConfig({ recipe: "nogan", criticSteps: 5, generator: "unet" });
  assert.equal(config.criticSteps, 5);
  assert.equal(config.generator, "unet");
  assert.equal(config.normD, "spectral");
  assert.deepEqual(parseTrainingConfig(config), config);
  // As an older version kept it: nothing but the defaults.
  const { recipe: _, ...before } = parseTrainingConfig({});
  assert.deepEqual(parseTrainingConfig(before), parseTrainingConfig({}));
});

Deno.test("a recipe that there is not is refused with the list, and sets nothing", () => {
  assert.deepEqual(trainingViolations({ recipe: "deoldify" }), [{
    field: "recipe",
    description: 'must be one of pix2pix, tutorial, nogan, not "deoldify"',
  }]);
  assert.equal(completeTrainingOptions({ recipe: "deoldify" }).values.generator, "unet");
});
