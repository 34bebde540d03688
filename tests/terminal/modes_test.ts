import assert from "assert";
import { readEnvironment } from "../../src/config.ts";
import { TinctError } from "../../src/errors.ts";
import { type CommandOption, flagName } from "../../src/terminal/arguments.ts";
import { commands } from "../../src/cli/command_list.ts";
import type { Command } from "../../src/terminal/command.ts";

const context = {
  environment: readEnvironment({}),
  signal: AbortSignal.abort(new Error("It went on to the work.")),
  commands: [],
  debug: false,
};

/** An option as it is given on a command line, with a value that fits. */
function given(name: string, option: CommandOption): string[] {
  const flag = flagName(name);
  switch (option.kind) {
    case "boolean":
      return [option.default ? `--no-${flag.slice(2)}` : flag];
    case "choice":
      return [flag, option.choices[0] ?? ""];
    case "integer":
    case "number":
      return [flag, String(option.min)];
    default:
      return [flag, name === "server" ? "127.0.0.1:9" : "x"];
  }
}

async function refusal(command: Command, argv: readonly string[]): Promise<string> {
  const operands = Array<string>(command.operands?.min ?? 0).fill("x");
  try {
    await command.run([...argv, ...operands], context);
    return "no refusal";
  } catch (error) {
    return error instanceof TinctError && error.code === "invalid_argument"
      ? error.message
      : String(error);
  }
}

Deno.test("an option that says nothing beside the others is refused, on every command", async (t) => {
  let walked = 0;
  for (const { name, load } of commands) {
    const { command } = await load();
    const { options, switches, both } = command;
    for (const { by, with: withIt = [], without = [] } of switches) {
      await t.step(`${name} --${by}`, async () => {
        const known = Object.keys(options);
        for (const each of [by, ...withIt, ...without]) assert.ok(known.includes(each), each);
        const on = options[by]?.default === true ? [] : given(by, options[by]!);
        const off = options[by]?.default === true ? given(by, options[by]!) : [];
        for (const each of [...without, ...withIt]) {
          const words = given(each, options[each]!);
          const misplaced = without.includes(each) ? on : off;
          const said = await refusal(command, [...misplaced, ...words]);
          const says = new RegExp(`${flagName(each)} (goes with|does not go with) --`);
          assert.match(said, says, words.join(" "));
          walked++;
        }
      });
    }
    // Who does the work is the largest difference: there no option may be forgotten.
    if (options["server"]?.default === undefined && options["server"] !== undefined) {
      await t.step(`${name}: each option is said to apply here, on a server, or both`, () => {
        const placed = [
          ...switches.flatMap(({ by, with: on = [], without = [] }) => [by, ...on, ...without]),
          ...both,
        ];
        assert.deepEqual(Object.keys(options).filter((each) => !placed.includes(each)), []);
      });
    }
  }
  assert.ok(walked > 30, `${walked}`);
});

Deno.test("--checkpoint is refused beside a promoted model's name, and taken beside a job's", async () => {
  const { command } = await commands.find(({ name }) => name === "colorize")!.load();
  const argv = ["--server", "127.0.0.1:9", "--out", "x", "--checkpoint", "best", "--model"];
  assert.match(
    await refusal(command, [...argv, "flowers"]),
    /^--checkpoint applies only to a run or a job/,
  );
  assert.doesNotMatch(await refusal(command, [...argv, "job-x"]), /--checkpoint/);
});
