import { trainingOptions, trainingViolations } from "../config/training.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { explainMisfit, readOptions } from "../config/option.ts";
import { recipeValues } from "../config/recipes.ts";
import { flagName } from "./arguments.ts";

/**
 * What is wrong with the training options that were given on a command line, by their flags; nothing
 * where a run's own settings are added to them, which are not known yet. Of what they begin with the
 * network's shape is added, so what they say together is judged later.
 */
export function trainingCheck(given: Readonly<Record<string, unknown>>): FieldViolation[] {
  const { resume, resumeFrom, startFrom, replicas } = given;
  if (resume === true || resumeFrom !== undefined) return [];
  const options = Object.entries(given).filter(([name]) => Object.hasOwn(trainingOptions, name));
  if (startFrom !== undefined) {
    return readOptions(trainingOptions, Object.fromEntries(options)).violations;
  }
  return trainingViolations(Object.fromEntries(options), {
    nameOf: flagName,
    replicas: Number.isInteger(replicas) ? Number(replicas) : 1,
  });
}

/**
 * The defaults that the recipe of a command line brings about, for the help text.
 *
 * @throws TinctError `invalid_argument` for a recipe that there is not.
 */
export function recipeDefaults(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const at = argv.findLastIndex((word) => word === "--recipe" || word.startsWith("--recipe="));
  if (at === -1) return {};
  const word = argv[at] === "--recipe" ? argv[at + 1] : argv[at]?.slice("--recipe=".length);
  const misfit = explainMisfit(trainingOptions.recipe, word ?? "");
  if (misfit !== undefined) throw new TinctError("invalid_argument", `--recipe ${misfit}.`);
  return { recipe: word, ...recipeValues(word) };
}
