import settings from "../../deno.json" with { type: "json" };
import { TinctError } from "../errors.ts";
import { bashCompletion } from "../terminal/bash_completion.ts";
import { defineCommand } from "../terminal/command.ts";
import { completionTable } from "../terminal/completion_table.ts";
import type { Registration } from "../terminal/command.ts";
import { zshCompletion } from "../terminal/zsh_completion.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion } as const;

export const command = defineCommand({
  description: [
    "Prints a script that completes commands, options, their values and file names, after `tinct` and",
    "after `deno task tinct`. For bash, add the first line to ~/.bashrc. For zsh, add the second to",
    "~/.zshrc, after compinit:",
    '  eval "$(deno task -q tinct completion bash)"',
    '  eval "$(deno task -q tinct completion zsh)"',
  ].join("\n"),
  options: {},
  operands: {
    name: "SHELL",
    usage: "bash|zsh",
    words: Object.keys(shells),
    min: 1,
    max: 1,
    help: "the shell to print a script for",
  },
  async run({ operands: [shell = ""] }, { commands }) {
    if (shell !== "bash" && shell !== "zsh") {
      throw new TinctError(
        "invalid_argument",
        `There is a script for bash and zsh, not for ${shell}.`,
      );
    }
    console.log(shells[shell](await completionTable(commands), commandTasks(commands)).trimEnd());
  },
});

/** The tasks that are commands by themselves, such as `deno task serve`. */
function commandTasks(commands: readonly Registration[]): string[] {
  const names = new Set(commands.map(({ name }) => name));
  return Object.entries(settings.tasks).flatMap(([task, line]) => {
    const name = /src\/cli\/main\.ts ([a-z]+)$/.exec(line)?.[1];
    return name === task && names.has(name) ? [task] : [];
  });
}
