import assert from "assert";
import {
  boolean,
  choice,
  explainMisfit,
  integer,
  number,
  type Option,
  readOptions,
  refuseViolations,
} from "../../src/config/option.ts";

const side = integer(256, [16, 2048], "side", "pixels");
const rate = number(0.5, [0, 0.9], "rate");
const mode = choice(["vanilla", "lsgan"], "mode");
const flip = boolean(true, "flip");

Deno.test("the makers of options describe what they were given", () => {
  assert.deepEqual(side, {
    kind: "integer",
    default: 256,
    min: 16,
    max: 2048,
    help: "side",
    unit: "pixels",
  });
  assert.deepEqual(rate, {
    kind: "number",
    default: 0.5,
    min: 0,
    max: 0.9,
    help: "rate",
    unit: "",
  });
  assert.deepEqual(mode, {
    kind: "choice",
    default: "vanilla",
    choices: ["vanilla", "lsgan"],
    help: "mode",
    unit: "",
  });
  assert.deepEqual(flip, { kind: "boolean", default: true, help: "flip", unit: "" });
});

Deno.test("explainMisfit() accepts what fits, the ends of a range too", () => {
  const fitting: [Option, unknown[]][] = [
    [side, [16, 17, 2048]],
    [rate, [0, 0.9, 0.123, -0]],
    [mode, ["vanilla", "lsgan"]],
    [flip, [true, false]],
  ];
  for (const [option, values] of fitting) {
    for (const value of values) assert.equal(explainMisfit(option, value), undefined);
  }
});

Deno.test("explainMisfit() says in half a sentence what does not fit", () => {
  const cases: [Option, value: unknown, misfit: string][] = [
    [side, 15, "must be from 16 to 2048 pixels, not 15"],
    [side, 2049, "must be from 16 to 2048 pixels, not 2049"],
    [side, 64.5, "must be a whole number from 16 to 2048 pixels, not 64.5"],
    [side, "64", 'must be a number from 16 to 2048 pixels, not "64"'],
    [side, NaN, "must be a number from 16 to 2048 pixels, not NaN"],
    [side, Infinity, "must be a number from 16 to 2048 pixels, not Infinity"],
    [side, true, "must be a number from 16 to 2048 pixels, not true"],
    [side, null, "must be a number from 16 to 2048 pixels, not null"],
    [side, 64n, "must be a number from 16 to 2048 pixels, not 64"],
    [rate, -0.1, "must be from 0 to 0.9, not -0.1"],
    [rate, 0.91, "must be from 0 to 0.9, not 0.91"],
    [rate, [0.5], "must be a number from 0 to 0.9, not [0.5]"],
    [rate, { value: 0.5 }, 'must be a number from 0 to 0.9, not {"value":0.5}'],
    [mode, "wgan", 'must be one of vanilla, lsgan, not "wgan"'],
    [mode, "Vanilla", 'must be one of vanilla, lsgan, not "Vanilla"'],
    [mode, "", 'must be one of vanilla, lsgan, not ""'],
    [mode, "x".repeat(1e6), `must be one of vanilla, lsgan, not "${"x".repeat(59)}…`],
    [mode, 1, "must be one of vanilla, lsgan, not 1"],
    [mode, ["vanilla"], 'must be one of vanilla, lsgan, not ["vanilla"]'],
    [flip, "true", 'must be true or false, not "true"'],
    [flip, 1, "must be true or false, not 1"],
    [flip, Object.create(null), "must be true or false, not {}"],
  ];
  for (const [option, value, misfit] of cases) {
    assert.equal(explainMisfit(option, value), misfit);
  }
});

const table = { side, rate, mode, flip } as const;

Deno.test("readOptions() fills in defaults for what was not given", () => {
  const { values, violations } = readOptions(table, { mode: "lsgan", rate: undefined });
  assert.deepEqual(values, { side: 256, rate: 0.5, mode: "lsgan", flip: true });
  assert.deepEqual(violations, []);
  assert.deepEqual(readOptions(table, { flip: false, rate: 0 }).values, {
    side: 256,
    rate: 0,
    mode: "vanilla",
    flip: false,
  });
});

Deno.test("readOptions() returns every violation at once, unknown options too", () => {
  const { values, violations } = readOptions(table, {
    side: 3,
    mode: "wgan",
    flip: false,
    sides: 4,
    toString: 5,
  });
  assert.deepEqual(violations, [
    { field: "side", description: "must be from 16 to 2048 pixels, not 3" },
    { field: "mode", description: 'must be one of vanilla, lsgan, not "wgan"' },
    { field: "sides", description: "is not an option; --help lists the options" },
    { field: "toString", description: "is not an option; --help lists the options" },
  ]);
  assert.deepEqual(values, { side: 256, rate: 0.5, mode: "vanilla", flip: false });
});

Deno.test("readOptions() takes no null for a default", () => {
  const { violations } = readOptions(table, { side: null });
  assert.deepEqual(violations, [
    { field: "side", description: "must be a number from 16 to 2048 pixels, not null" },
  ]);
});

Deno.test("refuseViolations() names all of them in one sentence, and none is fine", () => {
  refuseViolations("The options do not fit", []);
  const violations = [
    { field: "side", description: "must be even" },
    { field: "rate", description: "must be small" },
  ];
  assert.throws(() => refuseViolations("The options do not fit", violations), {
    name: "TinctError",
    code: "invalid_argument",
    message: "The options do not fit: side must be even; rate must be small.",
    violations,
  });
});
