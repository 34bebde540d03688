/**
 * The command line: `deno task tinct COMMAND [OPTIONS]`. It finds the command, hands it a signal
 * that Ctrl-C aborts, and turns whatever it throws into one sentence and an exit code.
 */
import process from "node:process";
import { readEnvironment } from "../config.ts";
import { messageOf, TinctError } from "../errors.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { columns, PROGRAM } from "./help.ts";
import { Interrupt, INTERRUPTED } from "./interrupt.ts";
import { nearest } from "./nearest.ts";

interface Registration {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** A signal is the ordinary end of it, and no interruption. */
  readonly endsBySignal?: true;
  /** Imports the command's file, which nothing else does: `--help` stays quick. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command, in the order of the help text. */
const commands: readonly Registration[] = [
  {
    name: "demo",
    summary: "Set everything up, train a small model for three minutes, show what it learned",
    load: () => import("./demo.ts"),
  },
  {
    name: "train",
    summary: "Train on a folder of photos",
    load: () => import("./train.ts"),
  },
  {
    name: "augment",
    summary: "Show what augmentation does to photos",
    load: () => import("./augment.ts"),
  },
  {
    name: "check",
    summary: "Look at a folder of photos, and measure what training on it would take",
    load: () => import("./check.ts"),
  },
  {
    name: "colorize",
    summary: "Colorize photos with a trained model",
    load: () => import("./colorize.ts"),
  },
  {
    name: "evaluate",
    summary: "Measure a trained model on photos, or compare two",
    load: () => import("./evaluate.ts"),
  },
  {
    name: "serve",
    summary: "Serve training and colorizing over gRPC",
    endsBySignal: true,
    load: () => import("./serve.ts"),
  },
  {
    name: "token",
    summary: "Make a token that lets a client call a server",
    load: () => import("./token.ts"),
  },
  {
    name: "health",
    summary: "Ask a server whether it serves",
    load: () => import("./health.ts"),
  },
  {
    name: "submit",
    summary: "Have a server train on one of its datasets",
    load: () => import("./submit.ts"),
  },
  {
    name: "jobs",
    summary: "List the jobs of a server",
    load: () => import("./jobs.ts"),
  },
  {
    name: "watch",
    summary: "Watch a job of a server: losses, samples, everything that happens",
    load: () => import("./watch.ts"),
  },
  {
    name: "pause",
    summary: "Have a job write a checkpoint and free its device",
    load: () => import("./pause.ts"),
  },
  {
    name: "resume",
    summary: "Put a paused job back into the queue",
    load: () => import("./resume.ts"),
  },
  {
    name: "cancel",
    summary: "End a job after its current step",
    load: () => import("./cancel.ts"),
  },
  {
    name: "promote",
    summary: "Make a checkpoint of a job a named model",
    load: () => import("./promote.ts"),
  },
  {
    name: "sweep",
    summary: "Search for good training options: many short trainings, the best go on",
    load: () => import("./sweep.ts"),
  },
  {
    name: "setup",
    summary: "Fetch the TensorFlow library once, and check it",
    load: () => import("./setup.ts"),
  },
  {
    name: "doctor",
    summary: "Say which library, devices, threads and precision would be used, and what is missing",
    load: () => import("./doctor.ts"),
  },
  {
    name: "parity",
    summary: "Compare training with a PyTorch reference, quantity by quantity",
    load: () => import("./parity.ts"),
  },
];

/** The help text of the program. */
function programHelp(): string {
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    "Trains image-colorization GANs, and colorizes with them.",
    `Commands:\n${columns(commands.map(({ name, summary }) => [name, summary]))}`,
    `\`${PROGRAM} COMMAND --help\` says more about each.`,
    `Environment:\n${
      columns([
        ["TINCT_TENSORFLOW", "the folder that holds the TensorFlow library, instead of the cache"],
        ["TINCT_CACHE", "the cache folder (default: tinct in XDG_CACHE_HOME or ~/.cache)"],
        ["TINCT_DEBUG", "1 shows stacks of errors and the lines that TensorFlow logs, as --debug"],
        ["TINCT_TOKEN", "the token that is sent to servers"],
        ["NO_COLOR", "1 leaves out colours"],
      ])
    }`,
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 75 a replica was lost, 130 interrupted.",
  ].join("\n\n");
}

/**
 * Runs the program.
 *
 * @param argv what follows the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 75 a replica was lost, 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const debug = environment.debug || argv.includes("--debug");
  using interrupt = new Interrupt();
  try {
    const code = await dispatch(argv, { environment, debug, signal: interrupt.signal });
    const name = argv.find((word) => !word.startsWith("-"));
    const endsBySignal = commands.find((each) => each.name === name)?.endsBySignal ?? false;
    return interrupt.signal.aborted && code === 0 && !endsBySignal ? INTERRUPTED : code;
  } catch (error) {
    console.error(describe(error, debug));
    if (interrupt.signal.aborted) return INTERRUPTED;
    if (!(error instanceof TinctError)) return 1;
    return error.code === "invalid_argument" ? 2 : error.code === "cancelled" ? INTERRUPTED : 1;
  }
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
    console.log(command.help(registration.name, registration.summary));
    return 0;
  }
  return await command.run(rest, context);
}

function unknownCommand(name: string | undefined): TinctError {
  if (name === undefined) {
    const names = commands.map((command) => command.name).join(", ");
    return new TinctError(
      "invalid_argument",
      `A command is missing: one of ${names}; \`${PROGRAM} --help\` says what they do.`,
    );
  }
  const guess = nearest(name, commands.map((command) => command.name));
  const what = name.startsWith("-") ? "option" : "command";
  return new TinctError(
    "invalid_argument",
    guess === undefined
      ? `There is no ${what} ${name}; \`${PROGRAM} --help\` lists the commands.`
      : `There is no ${what} ${name}; did you mean ${guess}?`,
  );
}

/** What a person is told about an error: one sentence, and the stack where it is asked for. */
function describe(error: unknown, debug: boolean): string {
  if (debug) return error instanceof Error ? stackOf(error) : String(error);
  if (error instanceof TinctError) return error.message;
  return `Something unforeseen went wrong: ${messageOf(error)} (TINCT_DEBUG=1 shows where.)`;
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
