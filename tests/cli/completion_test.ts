import assert from "assert";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { trainingOptions } from "../../src/config/training.ts";
import { commands } from "../../src/cli/command_list.ts";
import { completionTable } from "../../src/terminal/completion_table.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { completedLine, type Shell } from "./completed_line.ts";
import { runTinct } from "./run_tinct.ts";

/** What is typed before TAB, and the words after it. "tinct" is left out. */
const lines: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ["evalu", ["evaluate"]],
  ["datasets sh", ["datasets", "show"]],
  ["completion z", ["completion", "zsh"]],
  ["help che", ["help", "check"]], // what check and checkpoints have in common
  ["help checkp", ["help", "checkpoints"]],
  ["train --lambda-l", ["train", "--lambda-l1"]],
  ["train --no-fl", ["train", "--no-flip"]],
  ["train --gan-mode ls", ["train", "--gan-mode", "lsgan"]],
  ["train --gan-mode=ls", ["train", "--gan-mode=lsgan"]],
  ["train --flip --gan-mode wgang", ["train", "--flip", "--gan-mode", "wgangp"]],
  ["jobs --state queued,runn", ["jobs", "--state", "queued,running"]],
  ["colorize --checkpoint la", ["colorize", "--checkpoint", "latest"]],
  ["colorize --model my", ["colorize", "--model", "my run/"]],
  ["colorize --model x old\\ p", ["colorize", "--model", "x", "old photo.jpg"]],
  ["colorize -- -ph", ["colorize", "--", "-photo.jpg"]],
  ["check --data my", ["check", "--data", "my run/"]],
  ["check --data old", ["check", "--data", "old"]], // a file is no folder
  ["jobs --limit my", ["jobs", "--limit", "my"]], // nobody can guess a number
  ["submit --dataset my", ["submit", "--dataset", "my"]],
];

async function makeFiles(folder: TemporaryFolder): Promise<void> {
  await mkdir(folder.join("my run"));
  for (const name of ["old photo.jpg", "-photo.jpg"]) await writeFile(folder.join(name), "");
}

async function testIn(shell: (script: string) => Shell, name: string): Promise<void> {
  await using folder = await TemporaryFolder.create();
  await makeFiles(folder);
  await using scripts = await TemporaryFolder.create();
  const script = scripts.join("script");
  const made = await runTinct(["completion", name]);
  assert.equal(made.code, 0, made.stderr);
  await writeFile(script, made.stdout);
  const complete = (typed: string) => completedLine(shell(script), folder.path, typed);
  for (const [typed, words] of lines) {
    assert.deepEqual(await complete(`tinct ${typed}`), ["tinct", ...words], typed);
  }
  const long = "deno task tinct train --gan-mode ls";
  assert.deepEqual(await complete(long), [...long.split(" ").slice(0, -1), "lsgan"]);
  const quiet = "deno task -q tinct datasets sh";
  assert.deepEqual(await complete(quiet), [...quiet.split(" ").slice(0, -1), "show"]);
  const task = "deno task serve --metr";
  assert.deepEqual(await complete(task), [...task.split(" ").slice(0, -1), "--metrics"]);
  assert.deepEqual(await complete("deno fmt old"), ["deno", "fmt", "old photo.jpg"]);
}

Deno.test("bash completes commands, options, their values and file names", async () => {
  const argv = ["bash", "--norc", "--noprofile", "-i"];
  await testIn((script) => ({ argv, setUp: `source '${script}'` }), "bash");
});

Deno.test("bash goes on completing deno by what did so before", async () => {
  await using folder = await TemporaryFolder.create();
  const made = await runTinct(["completion", "bash"]);
  await writeFile(folder.join("script"), made.stdout);
  const before = "_before() { COMPREPLY=(format); }; complete -F _before deno";
  // Loaded twice, as when ~/.bashrc is: it must not take itself for what was there before.
  const setUp = `${before}; source script; source script`;
  const shell = { argv: ["bash", "--norc", "--noprofile", "-i"], setUp };
  assert.deepEqual(await completedLine(shell, folder.path, "deno fo"), ["deno", "format"]);
});

/** The zsh that is there; undefined: none. */
async function findZsh(): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)("bash", ["-c", "command -v zsh || true"]);
  return stdout.trim() === "" ? undefined : stdout.trim();
}

const zsh = await findZsh();

Deno.test({
  name: `zsh completes the same${zsh === undefined ? ", but there is none here" : ""}`,
  ignore: zsh === undefined,
  fn: async () => {
    const setUp = "autoload -Uz compinit; compinit -u -D; unsetopt auto_remove_slash; ";
    await testIn((script) => ({
      argv: [zsh ?? "", "-f", "-i"],
      setUp: `${setUp}source '${script}'`,
    }), "zsh");
  },
});

Deno.test("the scripts are made of every command and option", async () => {
  const table = await completionTable(commands);
  assert.deepEqual(table.map(({ name }) => name), commands.map(({ name }) => name));
  const train = table.find(({ name }) => name === "train");
  const flags = new Map(train?.flags.map(({ flag, value }) => [flag, value]));
  for (const [name, option] of Object.entries(trainingOptions)) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    assert.ok(flags.has(flag), flag);
    if (option.kind !== "choice") continue;
    assert.deepEqual(flags.get(flag), { kind: "words", words: option.choices });
  }
  const wrong = await runTinct(["completion", "fish"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^There is a script for bash and zsh, not for fish\./);
});
