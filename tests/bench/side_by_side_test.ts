import assert from "assert";
import { fileURLToPath } from "node:url";
import {
  compare,
  type Comparison,
  type Measurement,
  median,
  readMeasurement,
  type Round,
  withinLimit,
} from "../../bench/comparison.ts";

const step = (ms: number[], batch = 1): Measurement => ({
  name: "train_step",
  batch,
  precision: "float32",
  ms,
});
const limits = [{ name: "train_step", batch: 1, precision: "float32", ratio: 0.9 }];

/** Of the first comparison. */
function compared(rounds: Round[]): Comparison {
  const [first] = compare(rounds, "a", "b", limits);
  assert.ok(first !== undefined);
  return first;
}

Deno.test("median() takes the middle, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 2]), 2);
  assert.equal(median([4, 1, 9, 2]), 3);
  assert.throws(() => median([]), RangeError);
});

Deno.test("compare() divides only times of the same round", () => {
  // In the second round the machine runs at a tenth of its speed.
  const rounds: Round[] = [
    new Map([["a", [step([40, 41, 42])]], ["b", [step([82, 80, 84])]]]),
    new Map([["a", [step([500])]], ["b", [step([1000])]]]),
    new Map([["a", [step([48])]], ["b", [step([80])]]]),
  ];
  const { ratio, spread, oursMs, theirsMs } = compared(rounds);
  assert.equal(ratio, 0.5);
  assert.deepEqual(spread, [0.5, 0.6]);
  assert.equal(oursMs, 42);
  assert.equal(theirsMs, 82);
});

Deno.test("compare() leaves out what only one measured, and keeps batches apart", () => {
  const rounds: Round[] = [
    new Map([["a", [step([10]), step([40], 4)]], ["b", [step([90], 4), step([5], 8)]]]),
  ];
  const comparisons = compare(rounds, "a", "b", limits);
  assert.deepEqual(comparisons.map(({ batch, oursMs }) => [batch, oursMs]), [[4, 40]]);
});

Deno.test("withinLimit() holds a ratio against the limit of its measurement", () => {
  const ratioOf = (ours: number) => [new Map([["a", [step([ours])]], ["b", [step([100])]]])];
  assert.equal(withinLimit(compared(ratioOf(90))), true);
  assert.equal(withinLimit(compared(ratioOf(91))), false);
  const [unlimited] = compare(ratioOf(91), "a", "b", []);
  assert.equal(unlimited !== undefined && withinLimit(unlimited), true);
});

Deno.test("readMeasurement() ignores text and refuses objects that are no measurement", () => {
  const line = '{"name":"train_step","batch":1,"precision":"float32","ms":[1.5],"threads":2}';
  assert.deepEqual(readMeasurement(line), step([1.5]));
  assert.equal(readMeasurement("loading…"), undefined);
  for (const wrong of ['{"name":"x"}', line.replace("1.5", ""), line.replace("1.5", "-1")]) {
    assert.throws(() => readMeasurement(wrong), TypeError);
  }
});

const program = fileURLToPath(new URL("../../bench/side_by_side.ts", import.meta.url));

/** Runs `side_by_side.ts`; `ms` of each program is what `echo` prints. */
async function sideBySide(oursMs: number, theirs: string) {
  const line = (ms: number) =>
    `echo '{"name":"train_step","batch":1,"precision":"float32","ms":[${ms}]}'`;
  const args = ["--rounds", "2", "--limits", "pytorch", `ours=${line(oursMs)}`, `theirs=${theirs}`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, ...args.map((arg) => arg.replace("LINE", line(100)))],
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("side_by_side.ts prints the ratio and fails when a limit is missed", async () => {
  const good = await sideBySide(80, "LINE");
  assert.match(
    good.stdout,
    /\| train_step \| 1 \| float32 \| 80.0 ms \| 100.0 ms \| 0.800 \| 0.800 to 0.800 \| 0.90: kept \|/,
  );
  assert.equal(good.code, 0);
  const bad = await sideBySide(95, "LINE");
  assert.match(bad.stdout, /0.950 \| 0.950 to 0.950 \| 0.90: \*\*missed\*\*/);
  assert.equal(bad.code, 1);
});

Deno.test("side_by_side.ts runs the programs in turn, in alternating order", async () => {
  const { stderr } = await sideBySide(80, "LINE");
  const order = stderr.match(/round \d: \w+/g);
  assert.deepEqual(order, ["round 1: ours", "round 1: theirs", "round 2: theirs", "round 2: ours"]);
});

Deno.test("side_by_side.ts names the program that failed", async () => {
  const { code, stderr } = await sideBySide(80, "sh -c 'exit 3'");
  assert.match(stderr, /theirs ended with 3/);
  assert.notEqual(code, 0);
});
