import type { Command } from "./command.ts";

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
