/** Ways of training that others have found good, by name. */
export const recipeNames = ["pix2pix", "tutorial", "nogan"] as const;

/** Options that a recipe gives other defaults, by their names. */
type RecipeValues = Readonly<Record<string, string | number | boolean>>;

/** So many epochs that the steps decide how long a run is. */
const untilMaxSteps = 1_000_000;

/**
 * What each recipe sets; every other option keeps its default.
 *
 * - "pix2pix" (Isola et al., 2017): the defaults.
 * - "tutorial": the last part of the tutorial that this model comes from (moein-shariatnia). A ResNet-18
 *   as encoder; L1 alone at 1e-4, 20 epochs of 8,000 photos in batches of 16; then ten epochs of the
 *   GAN with pix2pix's rates.
 * - "nogan": DeOldify's (Antic, 2019). The generator alone; the critic alone, until it knows what the
 *   generator cannot do; then both, briefly, at low rates (the critic's five times the generator's). It
 *   found the useful part of that to be 1 to 3% of ImageNet's pictures, so checkpoints come often and
 *   none of the last phase is removed. Its critic has spectral norm and judges RGB.
 */
const recipes: Readonly<Record<typeof recipeNames[number], RecipeValues>> = {
  pix2pix: {},
  tutorial: {
    generator: "resnet18",
    batchSize: 16,
    pretrainSteps: 10_000,
    lrPretrain: 1e-4,
    epochs: untilMaxSteps,
    maxSteps: 15_000,
  },
  nogan: {
    generator: "resnet34",
    decoderNorm: "spectral",
    normD: "spectral",
    judge: "rgb",
    batchSize: 8,
    pretrainSteps: 20_000,
    lrPretrain: 1e-4,
    criticSteps: 2000,
    lrCritic: 2e-4,
    lrG: 1e-5,
    lrD: 5e-5,
    epochs: untilMaxSteps,
    maxSteps: 25_000,
    validateEvery: 250,
    sampleEvery: 250,
    checkpointEvery: 250,
    keepCheckpoints: 12,
    bestMetric: "vivid-delta-e2000",
  },
};

/** What a recipe sets; nothing for a word that is none, of which the check of options tells. */
export function recipeValues(recipe: unknown): RecipeValues {
  const name = recipeNames.find((name) => name === recipe);
  return name === undefined ? {} : recipes[name];
}

/** The options that were given, with those of their recipe that were not. */
export function withRecipe(
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const missing = Object.entries(recipeValues(given["recipe"]))
    .filter(([name]) => given[name] === undefined);
  return missing.length === 0 ? given : { ...given, ...Object.fromEntries(missing) };
}
