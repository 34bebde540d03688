/**
 * The command line: `deno task tinct COMMAND [OPTIONS]`. It finds the command, hands it a signal
 * that Ctrl-C aborts, and turns whatever it throws into one sentence and an exit code.
 */
import process from "node:process";
import { readEnvironment } from "../config.ts";
import { messageOf, TinctError } from "../errors.ts";
import { surviveFileSizeLimit } from "../files/file_size_signal.ts";
import { REPLICA_LOST, ReplicaLost } from "../replicas/replica_lost.ts";
import { version } from "../version.ts";
import type { Command } from "../terminal/command.ts";
import { commands } from "./command_list.ts";
import { columns, PROGRAM } from "../terminal/help.ts";
import { Interrupt, INTERRUPTED } from "../terminal/interrupt.ts";
import { refuseLostArguments } from "../terminal/lost_arguments.ts";
import { nearest } from "../terminal/nearest.ts";
import { groups, type Registration } from "../terminal/command.ts";
import { Results } from "../terminal/output/results.ts";
import { allWritten, routeConsole } from "../terminal/output/standard_streams.ts";
import { shown, shownStack } from "../shown.ts";

/** In which the reader of a pipe may take the last words of a program that is done. */
const LAST_WORDS_MS = 1000;

/** The names of all groups stand in one column. */
const NAME_WIDTH = Math.max(...commands.map(({ name }) => name.length));

const rowsOf = (group: string) =>
  commands.filter((each) => each.group === group)
    .map(({ name, summary }): [string, string] => [name, summary]);

/** The help text of the program. */
function programHelp(): string {
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    "Trains image-colorization GANs, and colorizes with them.",
    ...groups.map((group) => `${group}:\n${columns(rowsOf(group), NAME_WIDTH)}`),
    `\`${PROGRAM} COMMAND --help\` explains a command.`,
    `Environment:\n${
      columns([
        ["TINCT_TENSORFLOW", "the folder that holds the TensorFlow library, instead of the cache"],
        ["TINCT_CACHE", "the cache folder (default: tinct in XDG_CACHE_HOME or ~/.cache)"],
        ["TINCT_DEBUG", "1 shows stack traces and TensorFlow's log, like --debug"],
        ["TINCT_TOKEN", "the token to send to servers"],
        ["NO_COLOR", "1 turns colours off"],
      ])
    }`,
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 75 a replica was lost, 130 interrupted,\n" +
    "141 the reader of the output is gone.",
  ].join("\n\n");
}

/**
 * Runs the program.
 *
 * @param argv what follows the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 75 a replica was lost, 130 interrupted, 141
 *   nobody reads its results.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const debug = environment.debug || argv.includes("--debug");
  // Of several processes of this program the first one is told, and tells the others.
  using interrupt = new Interrupt(
    argv.includes("--until-input-ends") ? { ignoresHangUp: true } : {},
  );
  using results = new Results({ mayBeLost: registrationOf(argv)?.tells ?? false });
  const signal = AbortSignal.any([interrupt.signal, results.signal]);
  let code: number;
  try {
    refuseLostArguments();
    code = await dispatch(argv, { environment, debug, commands, signal });
    if (interrupt.signal.aborted && code === 0 && !registrationOf(argv)?.endsBySignal) {
      code = INTERRUPTED;
    }
  } catch (error) {
    code = exitCodeOf(error, interrupt.signal);
    if (!results.signal.aborted) console.error(describe(error, debug));
  }
  return await results.end(code, interrupt.signal);
}

function registrationOf(argv: readonly string[]): Registration | undefined {
  const name = argv.find((word) => !word.startsWith("-"));
  if (argv.includes("--help") || argv.includes("-h") || argv.includes("--json")) return undefined;
  return commands.find((each) => each.name === name);
}

function exitCodeOf(error: unknown, { aborted }: AbortSignal): number {
  if (aborted) return INTERRUPTED;
  if (!(error instanceof TinctError)) return 1;
  if (error instanceof ReplicaLost) return REPLICA_LOST;
  return error.code === "invalid_argument" ? 2 : error.code === "cancelled" ? INTERRUPTED : 1;
}

async function dispatch(
  argv: readonly string[],
  context: Parameters<Command["run"]>[1],
): Promise<number> {
  const [first, ...rest] = argv.filter((word, index) => word !== "--debug" || index > 0);
  if (first === "--version") {
    console.log(`tinct ${version}`);
    return 0;
  }
  const wantsHelp = first === "--help" || first === "-h" || first === "help";
  if (wantsHelp && rest.length === 0) {
    console.log(programHelp());
    return 0;
  }
  const name = wantsHelp ? rest[0] : first;
  const registration = commands.find((command) => command.name === name);
  if (registration === undefined) throw unknownCommand(name);
  const { command } = await registration.load();
  const options = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : rest.length);
  if (wantsHelp || options.includes("--help") || options.includes("-h")) {
    console.log(command.help(registration.name, registration.summary, options));
    return 0;
  }
  return await command.run(rest, context);
}

function unknownCommand(name: string | undefined): TinctError {
  if (name === undefined) {
    const names = commands.map((command) => command.name).join(", ");
    return new TinctError(
      "invalid_argument",
      `A command is missing: one of ${names}. \`${PROGRAM} --help\` explains them.`,
    );
  }
  const guess = nearest(name, commands.map((command) => command.name));
  const what = name.startsWith("-") ? "option" : "command";
  return new TinctError(
    "invalid_argument",
    guess === undefined
      ? `There is no ${what} ${name}. \`${PROGRAM} --help\` lists the commands.`
      : `There is no ${what} ${name}. Did you mean ${guess}?`,
  );
}

/** What a person is told about an error: one sentence, and the stack where it is asked for. */
function describe(error: unknown, debug: boolean): string {
  if (debug) return error instanceof Error ? stackOf(error) : String(error);
  if (error instanceof TinctError) return error.message;
  return `Unexpected error: ${shown(messageOf(error))} (TINCT_DEBUG=1 shows where.)`;
}

function stackOf(error: Error): string {
  const own = shownStack(error);
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own;
}

if (import.meta.main) {
  surviveFileSizeLimit();
  routeConsole();
  process.exitCode = await main(process.argv.slice(2));
  // A pipe that nobody reads would hold the process.
  if (!await allWritten(LAST_WORDS_MS)) process.exit();
}
