/** A training that `bench/quality.ts` compares, by name. */
export interface Row {
  readonly name: string;
  /** What it adds to the options that all have in common. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whose it starts with: the generator of a run, or a network that tells scenes apart. */
  readonly encoder?: "run" | "classifier";
  /** The row that it is compared with, seed by seed. */
  readonly against?: string;
  /** It is trained with the first seed alone. */
  readonly once?: boolean;
}

const average = { emaDecay: 0.99 };

/** Narrower than the U-Net's 24 channels, so that a step takes less than twice its time. */
const resnet = { ...average, generator: "resnet18", ngf: 16 };

/** As DDColor weighs its features beside L1 (`docs/training.md`). */
const perceptual = { lambdaPerceptual: 5, perceptual: "encoder" };

/** The recipes with a tenth of their steps, and all of their phases. */
const recipes = {
  pix2pix: { recipe: "pix2pix", maxSteps: 1500 },
  tutorial: { recipe: "tutorial", pretrainSteps: 1000, maxSteps: 1500 },
  nogan: { recipe: "nogan", pretrainSteps: 2000, criticSteps: 200, maxSteps: 2500 },
};

/** Small enough for a tenth of the recipes' steps. */
const small = { size: 32, ngf: 16, ndf: 16, nLayers: 1 };

export const rows: readonly Row[] = [
  { name: "Tinct", options: {} },
  { name: "PyTorch", options: {} },
  { name: "EMA", options: average, against: "Tinct" },
  { name: "warm-up", options: { pretrainSteps: 200 }, against: "Tinct" },
  { name: "augmentation", options: { crop: 0.6, saturationJitter: 0.2 }, against: "Tinct" },
  { name: "spectral norm", options: { ...average, normD: "spectral" }, against: "EMA" },
  { name: "hints", options: { ...average, hints: true }, against: "EMA" },
  { name: "resnet18", options: resnet, against: "EMA" },
  { name: "resnet18, run's encoder", options: resnet, encoder: "run", against: "resnet18" },
  {
    name: "resnet18, classifier's encoder",
    options: resnet,
    encoder: "classifier",
    against: "resnet18",
  },
  {
    name: "resnet18, classifier's encoder, perceptual loss",
    options: { ...resnet, ...perceptual },
    encoder: "classifier",
    against: "resnet18, classifier's encoder",
  },
  ...Object.entries(recipes).map(([recipe, options]): Row => ({
    name: `recipe ${recipe}`,
    options: { ...small, ...options },
    once: true,
  })),
];
