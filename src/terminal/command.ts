import { actionOperands, type Actions, checkAction } from "./actions.ts";
import { boolean } from "../config/option.ts";
import type { Environment } from "../config.ts";
import {
  type CommandOptions,
  type CommandValues,
  type Operands,
  parseArguments,
  type ParsedArguments,
  type ValuesCheck,
} from "./arguments.ts";
import { commandHelp } from "./help.ts";
import { inapplicable, type ModeSwitch } from "./modes.ts";

/** What a command gets besides its arguments. */
export interface CommandContext {
  readonly environment: Environment;
  /** Aborted by Ctrl-C or SIGTERM; its reason is a TinctError `cancelled`. */
  readonly signal: AbortSignal;
  /** Every command of the program. */
  readonly commands: readonly Registration[];
  /** Show stacks, and the lines that TensorFlow logs. */
  readonly debug: boolean;
}

/** A command as its file describes it. */
interface CommandSource<T extends CommandOptions> {
  /** Paragraphs for the help text, after the summary. */
  readonly description?: string;
  readonly options: T;
  readonly operands?: Operands;
  /** What the first operand can say that is to be done, in place of `operands`. */
  readonly actions?: Actions;
  /**
   * Options by which others say nothing. Where --server chooses who does the work, every option stands
   * here or in `both`.
   */
  readonly switches?: readonly ModeSwitch[];
  /** Options that apply whatever the switches say, of a command that can do without a server. */
  readonly both?: readonly string[];
  /** Finds what options say against each other, before any work. */
  readonly check?: ValuesCheck;
  /** Defaults that the arguments bring about, which the help text then shows. */
  readonly defaults?: (argv: readonly string[]) => Readonly<Record<string, unknown>>;
  /**
   * Does the work, and prints results on stdout, progress and warnings on stderr.
   *
   * @returns the exit code; nothing: 0.
   * @throws {TinctError} what is to be told in one sentence.
   */
  run(parsed: ParsedArguments<T>, context: CommandContext): Promise<number | void>;
}

/** A command, whatever its options are. */
export interface Command {
  /** Every option, those that all commands have included. */
  readonly options: CommandOptions;
  readonly operands: Operands | undefined;
  /** Options by which others say nothing. */
  readonly switches: readonly ModeSwitch[];
  /** Options that apply whatever the switches say. */
  readonly both: readonly string[];
  /** The help text. @param argv the arguments beside `--help`, by which defaults may differ. */
  help(name: string, summary: string, argv?: readonly string[]): string;
  /** Reads the arguments and does the work; returns the exit code. */
  run(argv: readonly string[], context: CommandContext): Promise<number>;
}

const commonOptions = {
  debug: boolean(false, "show stack traces and TensorFlow's log"),
  help: boolean(false, "show this help"),
} as const;

/** Makes a command; its file exports it as `command`. */
export function defineCommand<const T extends CommandOptions>(source: CommandSource<T>): Command {
  const { description, actions, switches = [], both = [] } = source;
  const operands = actions === undefined ? source.operands : actionOperands(actions);
  const options: T & typeof commonOptions = { ...source.options, ...commonOptions };
  const check: ValuesCheck = (given) => [
    ...inapplicable(switches, options, given),
    ...source.check?.(given) ?? [],
  ];
  return {
    options,
    operands,
    switches,
    both: [...both, ...Object.keys(commonOptions)],
    help: (name, summary, argv = []) =>
      commandHelp({
        name,
        summary,
        options: withDefaults(options, source.defaults?.(argv) ?? {}),
        ...(description !== undefined && { description }),
        ...(actions !== undefined && { actions }),
        ...(operands !== undefined && { operands }),
      }),
    run: async (argv, context) => {
      const parsed = parseArguments<CommandOptions>(argv, options, operands, check);
      if (actions !== undefined) checkAction(actions, parsed);
      return await source.run({
        options: parsed.options as CommandValues<T>,
        given: parsed.given,
        operands: parsed.operands,
      }, context) ?? 0;
    },
  };
}

/** Options with other defaults. */
function withDefaults(
  options: CommandOptions,
  defaults: Readonly<Record<string, unknown>>,
): CommandOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      Object.hasOwn(defaults, name)
        ? { ...option, default: defaults[name] } as typeof option
        : option,
    ]),
  );
}

/** What the help text puts together, in its order. */
export const groups = [
  "On this machine",
  "A server",
  "Jobs of a server",
  "Datasets and models of a server",
  "The program",
] as const;

/** A command by its name. */
export interface Registration {
  readonly name: string;
  readonly group: typeof groups[number];
  /** One line, without a full stop. */
  readonly summary: string;
  /** A signal is the ordinary end of it, and no interruption. */
  readonly endsBySignal?: true;
  /** Its work is what counts: what it prints may be lost. Of others the output is the result. */
  readonly tells?: true;
  /** Imports the command's file, which nothing else does: `--help` stays quick. */
  readonly load: () => Promise<{ readonly command: Command }>;
}
