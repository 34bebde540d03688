import assert from "assert";
import { flagName } from "../../src/terminal/arguments.ts";
import { discriminatorNorm } from "../../src/config/losses.ts";
import { explainMisfit, type Option } from "../../src/config/option.ts";
import {
  parseTrainingConfig,
  patchSide,
  trainingOptions,
  trainingViolations,
} from "../../src/config/training.ts";
import { TinctError } from "../../src/errors.ts";
import { fieldName } from "../../src/protocol/training_options.ts";

const entries: [name: string, Option][] = Object.entries(trainingOptions);

Deno.test("every default lies in its range, and all of them fit together", () => {
  for (const [name, option] of entries) {
    assert.equal(explainMisfit(option, option.default), undefined, name);
  }
  const config = parseTrainingConfig({});
  assert.deepEqual(
    config,
    Object.fromEntries(entries.map(([name, option]) => [name, option.default])),
  );
});

Deno.test("the defaults that results depend on are those of pix2pix", () => {
  const { size, nDown, ngf, ndf, nLayers, dropout, ganMode, lambdaL1 } = parseTrainingConfig({});
  assert.deepEqual({ size, nDown, ngf, ndf, nLayers, dropout, ganMode, lambdaL1 }, {
    size: 256,
    nDown: 8,
    ngf: 64,
    ndf: 64,
    nLayers: 3,
    dropout: 0.5,
    ganMode: "vanilla",
    lambdaL1: 100,
  });
  const { lrG, lrD, beta1, beta2, adamEpsilon, init, initGain, leakySlope } = parseTrainingConfig(
    {},
  );
  assert.deepEqual({ lrG, lrD, beta1, beta2, adamEpsilon, init, initGain, leakySlope }, {
    lrG: 2e-4,
    lrD: 2e-4,
    beta1: 0.5,
    beta2: 0.999,
    adamEpsilon: 1e-8,
    init: "normal",
    initGain: 0.02,
    leakySlope: 0.2,
  });
});

Deno.test("every option describes itself in one line", () => {
  for (const [name, { help }] of entries) {
    assert.match(name, /^[a-z][a-zA-Z0-9]*$/);
    assert.match(help, /^[^\n]{3,90}[^.\n]$/, name);
  }
});

Deno.test("the ends of every range are accepted, what lies beyond is refused by name", () => {
  for (const [name, option] of entries) {
    if (option.kind !== "integer" && option.kind !== "number") continue;
    const step = option.kind === "integer" ? 1 : Math.abs(option.max - option.min) * 1e-3;
    for (const value of [option.min, option.max]) {
      const misfits = trainingViolations({ [name]: value }).filter(({ field }) => field === name);
      // size and labels have to fit others as well; the range itself accepts them.
      assert.deepEqual(
        misfits.filter(({ description }) => /^must be (a )?.*from/.test(description)),
        [],
      );
    }
    for (const value of [option.min - step, option.max + step]) {
      const [violation, ...others] = trainingViolations({ [name]: value });
      assert.equal(violation?.field, name);
      assert.match(violation!.description, /^must be from .* not /);
      assert.deepEqual(others, []);
    }
  }
});

Deno.test("several wrong options are named at once", () => {
  assert.throws(
    () => parseTrainingConfig({ batchSize: 0, ganMode: "wgan", epochs: 1.5, colour: 1 }),
    {
      name: "TinctError",
      code: "invalid_argument",
      message:
        "The training options are invalid: batchSize must be from 1 to 1024 photos, not 0; " +
        'ganMode must be one of vanilla, lsgan, wgangp, hinge, not "wgan"; ' +
        "epochs must be a whole number from 1 to 1000000 epochs, not 1.5; " +
        "colour is not an option; --help lists the options.",
      violations: ["batchSize", "ganMode", "epochs", "colour"].map((field) => ({
        field,
        description: trainingViolations({
          batchSize: 0,
          ganMode: "wgan",
          epochs: 1.5,
          colour: 1,
        }).find((violation) => violation.field === field)!.description,
      })),
    },
  );
});

Deno.test("options that do not fit each other are refused with a way out", () => {
  const cases: [input: Record<string, unknown>, field: string, description: string][] = [
    [
      { size: 300 },
      "size",
      "must be a multiple of 256, which the U-Net halves 8 times, not 300: " +
      "take 256 or 512, or a smaller nDown",
    ],
    [
      { size: 64 },
      "size",
      "must be a multiple of 256, which the U-Net halves 8 times, not 64: take 256, or a smaller nDown",
    ],
    [
      { size: 2000, nDown: 10 },
      "size",
      "must be a multiple of 1024, which the U-Net halves 10 times, not 2000: " +
      "take 1024 or 2048, or a smaller nDown",
    ],
    [
      { generator: "resnet34", size: 48 },
      "size",
      "must be a multiple of 32, which resnet34 halves 5 times, not 48: take 32 or 64",
    ],
    [
      { generator: "resnet18", size: 32, batchSize: 1, nLayers: 2 },
      "batchSize",
      "must be at least 2 with generator resnet18 and size 32, not 1: its deepest batch norms " +
      "would see a single pixel",
    ],
    [
      { generator: "ddcolor-tiny", ngf: 33 },
      "ngf",
      "must be an even number with generator ddcolor-tiny, not 33: 64 is the published network, " +
      "and another makes all widths in proportion",
    ],
    [
      { generator: "ddcolor-tiny", nDown: 7 },
      "nDown",
      "must be 8 with generator ddcolor-tiny, not 7: it halves pictures 5 times",
    ],
    [
      { generator: "ddcolor-tiny", dropout: 0.2 },
      "dropout",
      "must be left out with generator ddcolor-tiny, not 0.2: it drops nothing",
    ],
    [
      { generator: "ddcolor-tiny", decoderNorm: "batch" },
      "decoderNorm",
      "must be none with generator ddcolor-tiny, not batch: its decoder's norms are its own",
    ],
    [
      { generator: "ddcolor-tiny", encoderNorm: "eval" },
      "encoderNorm",
      "must be train with generator ddcolor-tiny, not eval: its encoder has no batch norms",
    ],
    [
      { generator: "ddcolor-tiny", hints: true },
      "hints",
      "must be off with generator ddcolor-tiny, not on: it sees lightness alone",
    ],
    [
      { generator: "ddcolor-tiny", lambdaPerceptual: 5, perceptual: "encoder" },
      "perceptual",
      "must be vgg16 with generator ddcolor-tiny, not encoder: its encoder is no residual " +
      "network; resnet18 and resnet34 have one",
    ],
    [
      { size: 32, nDown: 5, nLayers: 4 },
      "nLayers",
      "of 4 leaves no patch of a 32 pixel picture: take fewer layers",
    ],
    [
      { labelReal: 0.5, labelFake: 0.5 },
      "labelReal",
      "must be larger than labelFake (0.5), not 0.5",
    ],
    [
      { crop: 0.75, rotate: 10 },
      "crop",
      "of 0.75 contradicts rotate: a photo turned by 10 degrees has 0.74 of its area left " +
      "without empty corners; take at most 0.74, or 1 for as much as fits",
    ],
    [{ labelFake: 1 }, "labelReal", "must be larger than labelFake (1), not 1"],
    [
      { ganMode: "wgangp", normD: "batch" },
      "normD",
      "must be auto, instance, none or spectral with ganMode wgangp, not batch: it penalizes the slope " +
      "at each picture, and batch norm makes that depend on the others",
    ],
    [
      { ganMode: "hinge", labelReal: 0.9 },
      "labelReal",
      "must be 1 with ganMode hinge, not 0.9: it has no targets to smooth; vanilla " +
      "and lsgan have them",
    ],
    [
      { ganMode: "wgangp", labelFake: -1 },
      "labelFake",
      "must be 0 with ganMode wgangp, not -1: it has no targets to smooth; vanilla " +
      "and lsgan have them",
    ],
    [
      { pretrainSteps: 100, lambdaL1: 0 },
      "pretrainSteps",
      "must be 0 where lambdaL1 is 0, not 100: the generator would have nothing to learn from",
    ],
    [
      { lrSchedule: "linear", lrDecayEpoch: 100 },
      "lrDecayEpoch",
      "must be below epochs (100) with lrSchedule linear, or the rates never fall, not 100",
    ],
    [
      { lrSchedule: "plateau", validateEvery: 0 },
      "validateEvery",
      "must not be 0 with lrSchedule plateau, which goes by the validations",
    ],
  ];
  for (const [input, field, description] of cases) {
    assert.deepEqual(trainingViolations(input), [{ field, description }]);
  }
  const both = trainingViolations({ size: 300, labelReal: 0 });
  assert.deepEqual(both.map(({ field }) => field), ["size", "labelReal"]);
  const unvalidated = trainingViolations({
    lrSchedule: "plateau",
    validationFraction: 0,
    validationPhotos: 0,
  });
  assert.deepEqual(unvalidated.map(({ field }) => field), [
    "validationFraction",
    "validationPhotos",
  ]);
});

Deno.test("contradictions are told beside wrong fields, but not of them", () => {
  const fields = (input: Record<string, unknown>, check = {}) =>
    trainingViolations(input, check).map(({ field }) => field);
  const clash = { ganMode: "wgangp", normD: "batch", size: 300, pretrainSteps: 9, lambdaL1: 0 };
  assert.deepEqual(fields({ ...clash, batchSize: 0 }), [
    "batchSize",
    "size",
    "normD",
    "pretrainSteps",
  ]);
  // Each of these takes part in one of the three.
  assert.deepEqual(fields({ ...clash, nDown: 50 }), ["nDown", "normD", "pretrainSteps"]);
  assert.deepEqual(fields({ ...clash, ganMode: "gan" }), ["ganMode", "size", "pretrainSteps"]);
  assert.deepEqual(fields({ ...clash, lambdaL1: -1 }), ["lambdaL1", "size", "normD"]);
  const pool = { poolSize: 5, xla: true, batchSize: 0 };
  assert.deepEqual(fields(pool), ["batchSize"]);
  assert.deepEqual(fields(pool, { replicas: 2 }), ["batchSize", "xla", "poolSize"]);
  assert.deepEqual(fields({ ...pool, xla: 1 }, { replicas: 2 }), ["batchSize", "xla", "poolSize"]);
});

Deno.test("sentences call options as whoever reads them does, all of them", () => {
  const clashes: Record<string, unknown>[] = [
    { size: 300 },
    { crop: 0.75, rotate: 10 },
    { labelFake: 1 },
    { ganMode: "wgangp", normD: "batch", labelReal: 0.5, labelFake: 0.1 },
    { pretrainSteps: 100, lambdaL1: 0 },
    { lrSchedule: "linear", lrDecayEpoch: 100 },
    { lrSchedule: "plateau", validateEvery: 0, validationPhotos: 0, validationFraction: 0 },
    { earlyStop: 2, validateEvery: 0, validationPhotos: 0, validationFraction: 0 },
  ];
  const camel = new RegExp(
    `\\b(${Object.keys(trainingOptions).filter((name) => /[A-Z]/.test(name)).join("|")})\\b`,
  );
  for (const input of clashes) {
    for (const nameOf of [flagName, fieldName]) {
      for (const { description } of trainingViolations(input, { nameOf })) {
        assert.doesNotMatch(description, camel);
      }
      assert.throws(() => parseTrainingConfig(input, { nameOf }), (error) => {
        assert.ok(error instanceof TinctError);
        assert.doesNotMatch(error.message, camel);
        return true;
      });
    }
  }
  const [norm] = trainingViolations({ ganMode: "wgangp", normD: "batch" }, { nameOf: flagName });
  assert.match(
    norm?.description ?? "",
    /^must be auto, instance, none or spectral with --gan-mode wgangp/,
  );
});

Deno.test("options that fit each other are accepted", () => {
  const fitting: Record<string, unknown>[] = [
    { size: 32, nDown: 5 },
    { size: 96, nDown: 5, nLayers: 5 },
    { size: 2048, nDown: 10, nLayers: 6 },
    { labelReal: 0.9, labelFake: 0.1 },
    { labelReal: 0, labelFake: -1 },
    { ganMode: "wgangp" },
    { ganMode: "wgangp", normD: "none", nCritic: 5, gpWeight: 0 },
    { ganMode: "hinge", normD: "batch", poolSize: 50, lambdaColor: 1, accumulate: 4 },
    { ganMode: "lsgan", normD: "instance", labelReal: 0.9, pretrainSteps: 1 },
    { lrSchedule: "linear", epochs: 1 },
    { lrSchedule: "linear", lrDecayEpoch: 99 },
    { lrSchedule: "constant", lrDecayEpoch: 200, validateEvery: 0 },
    { lrSchedule: "plateau" },
    { crop: 0.74, rotate: 10 },
    { crop: 0.5, rotate: 45 },
    { crop: 1, rotate: 45 },
    { crop: 0.9 },
  ];
  for (const input of fitting) assert.deepEqual(trainingViolations(input), []);
});

Deno.test("the discriminator's norm is batch norm, but instance norm with wgangp", () => {
  const cases = [
    [{}, "batch"],
    [{ ganMode: "hinge" }, "batch"],
    [{ ganMode: "wgangp" }, "instance"],
    [{ ganMode: "wgangp", normD: "none" }, "none"],
    [{ ganMode: "lsgan", normD: "instance" }, "instance"],
  ] as const;
  for (const [input, norm] of cases) {
    assert.equal(discriminatorNorm(parseTrainingConfig(input)), norm);
  }
  const both = trainingViolations({ ganMode: "wgangp", normD: "batch", labelReal: 0.5 });
  assert.deepEqual(both.map(({ field }) => field), ["normD", "labelReal"]);
});

Deno.test("patchSide() follows a picture through the discriminator's layers", () => {
  const cases: [size: number, nLayers: number, side: number][] = [
    [256, 3, 30],
    [256, 1, 126],
    [64, 3, 6],
    [66, 3, 6], // 33, 16, 8, less 2
    [32, 4, 0],
    [16, 4, -1],
  ];
  for (const [size, nLayers, side] of cases) assert.equal(patchSide(size, nLayers), side);
});

Deno.test("a perceptual loss is refused with replicas and in sweeps, where nobody reads its weights", () => {
  const fieldsOf = (check: Parameters<typeof trainingViolations>[1]) =>
    trainingViolations({ lambdaPerceptual: 5 }, check).map(({ field }) => field);
  assert.deepEqual(fieldsOf({}), []);
  assert.deepEqual(fieldsOf({ replicas: 2 }), ["lambdaPerceptual"]);
  const encoder = { lambdaPerceptual: 5, perceptual: "encoder" };
  assert.deepEqual(trainingViolations({ ...encoder, generator: "resnet18" }, { replicas: 2 }), []);
  const [violation] = trainingViolations(encoder);
  assert.match(violation!.description, /^must be vgg16 with generator unet, not encoder/);
  assert.deepEqual(trainingViolations({ perceptual: "encoder" }), []);
  assert.deepEqual(fieldsOf({ isTrial: true }), ["lambdaPerceptual"]);
});
