import assert from "assert";
import { type Operands, parseArguments, text } from "../../src/terminal/arguments.ts";
import { boolean, choice, integer, number } from "../../src/config/option.ts";
import { TinctError } from "../../src/errors.ts";

const table = {
  batchSize: integer(4, [1, 512], "photos a step", "photos"),
  lambdaL1: number(100, [0, 1e6], "weight of the L1 loss"),
  labelFake: number(0, [-1, 1], "the target for generated pictures"),
  ganMode: choice(["vanilla", "lsgan"], "the adversarial loss"),
  flip: boolean(true, "mirror half of the photos"),
  resume: boolean(false, "go on from the last checkpoint"),
  out: text("DIR", "the folder of the run", "runs/last"),
  data: text("DIR", "the photos"),
};

Deno.test("parseArguments() fills in the defaults", () => {
  const { options, given, operands } = parseArguments([], table);
  assert.deepEqual(options, {
    batchSize: 4,
    lambdaL1: 100,
    labelFake: 0,
    ganMode: "vanilla",
    flip: true,
    resume: false,
    out: "runs/last",
    data: undefined,
  });
  assert.equal(given.size, 0);
  assert.deepEqual(operands, []);
});

const accepted: readonly { argv: string[]; name: keyof typeof table; value: unknown }[] = [
  { argv: ["--batch-size", "8"], name: "batchSize", value: 8 },
  { argv: ["--batch-size=8"], name: "batchSize", value: 8 },
  { argv: ["--batch-size", "8", "--batch-size", "9"], name: "batchSize", value: 9 },
  { argv: ["--lambda-l1", "1e2"], name: "lambdaL1", value: 100 },
  { argv: ["--lambda-l1", ".5"], name: "lambdaL1", value: 0.5 },
  { argv: ["--label-fake", "-0.5"], name: "labelFake", value: -0.5 },
  { argv: ["--gan-mode", "lsgan"], name: "ganMode", value: "lsgan" },
  { argv: ["--no-flip"], name: "flip", value: false },
  { argv: ["--flip=false"], name: "flip", value: false },
  { argv: ["--no-flip", "--flip"], name: "flip", value: true },
  { argv: ["--resume"], name: "resume", value: true },
  { argv: ["--out=--odd"], name: "out", value: "--odd" },
  { argv: ["--data", "a b"], name: "data", value: "a b" },
  { argv: ["--data", "-"], name: "data", value: "-" },
];

for (const { argv, name, value } of accepted) {
  Deno.test(`parseArguments() reads ${argv.join(" ")}`, () => {
    const { options, given } = parseArguments(argv, table);
    assert.equal(options[name], value);
    assert.deepEqual([...given], [name]);
  });
}

const inAndOut: Operands = { name: "IN OUT", min: 2, max: 2, help: "a video, and another" };
const photos: Operands = { name: "PHOTO", min: 1, max: Infinity, help: "the photos" };

Deno.test("parseArguments() keeps operands apart from options, and takes all after -- as they are", () => {
  const argv = ["a.jpg", "--resume", "b.jpg", "--", "--c.jpg"];
  const { options, operands } = parseArguments(argv, table, photos);
  assert.deepEqual(operands, ["a.jpg", "b.jpg", "--c.jpg"]);
  assert.equal(options.resume, true);
});

const refused: readonly { argv: string[]; says: RegExp; operands?: Operands }[] = [
  {
    argv: ["--batch-sise", "8"],
    says: /^There is no option --batch-sise\. Did you mean --batch-size\?$/,
  },
  { argv: ["--zebra"], says: /^There is no option --zebra\. --help lists the options\.$/ },
  { argv: ["-x"], says: /^There is no option -x\. / },
  { argv: ["--no-resumee"], says: /^There is no option --no-resumee\. / },
  {
    argv: ["--no-batch-size"],
    says: /^There is no option --no-batch-size\. Did you mean --batch-size\?$/,
  },
  { argv: ["--batch-size", "0"], says: /^--batch-size must be from 1 to 512 photos, not 0\.$/ },
  { argv: ["--batch-size", "1.5"], says: /^--batch-size must be a whole number .*, not 1\.5\.$/ },
  { argv: ["--batch-size", "many"], says: /^--batch-size must be a .*number .*, not "many"\.$/ },
  { argv: ["--batch-size", "0x10"], says: /not "0x10"\.$/ },
  { argv: ["--batch-size", "1e999"], says: /not Infinity\.$/ },
  { argv: ["--batch-size"], says: /^--batch-size needs a value \(N\)\.$/ },
  { argv: ["--batch-size="], says: /^--batch-size needs a value \(N\)\.$/ },
  { argv: ["--out", "--resume"], says: /^--out needs a value \(DIR\)\.$/ },
  {
    argv: ["--gan-mode", "wgan"],
    says: /^--gan-mode must be one of vanilla, lsgan, not "wgan"\.$/,
  },
  { argv: ["--gan-mode"], says: /^--gan-mode needs a value \(vanilla\|lsgan\)\.$/ },
  { argv: ["--resume=maybe"], says: /^--resume must be true or false, not "maybe"\.$/ },
  { argv: ["--batch-size", "0", "--lambda-l1", "x"], says: /^--batch-size .*; --lambda-l1 .*\.$/ },
  { argv: ["stray"], says: /^"stray" is one argument too many; --help shows the usage\.$/ },
  { argv: [], says: /^PHOTO is missing; --help shows the usage\.$/, operands: photos },
  { argv: [], says: /^IN and OUT are missing; --help shows the usage\.$/, operands: inAndOut },
  { argv: ["a.mp4"], says: /^OUT is missing; --help shows the usage\.$/, operands: inAndOut },
];

for (const { argv, says, operands } of refused) {
  Deno.test(`parseArguments() refuses ${argv.join(" ") || "nothing where a photo is needed"}`, () => {
    assert.throws(() => parseArguments(argv, table, operands), (error) => {
      assert(error instanceof TinctError);
      assert.equal(error.code, "invalid_argument");
      assert.match(error.message, says);
      return true;
    });
  });
}
