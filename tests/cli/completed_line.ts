import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** A shell that completes at a terminal, as a person sees it. */
export interface Shell {
  /** Its name and arguments. */
  readonly argv: readonly string[];
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is typed before anything else: it loads the completion, and says READY. */
  readonly setUp: string;
}

const ready = "READY";

/**
 * Types a line and TAB in a real shell at a real terminal, then has the shell print the line.
 *
 * @param folder where the shell is.
 * @param typed what is typed before TAB.
 * @returns the words of the line after TAB, as the shell reads them: quoting is undone.
 */
export async function completedLine(
  { argv, environment = {}, setUp }: Shell,
  folder: string,
  typed: string,
): Promise<string[]> {
  // Python's pty.spawn gives the shell a terminal, and copies between that and these pipes.
  const program = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
  const child = spawn("python3", ["-c", program, ...argv], {
    cwd: folder,
    env: { ...process.env, TERM: "dumb", PS1: "$ ", HOME: folder, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 60_000, // a shell that waits for an answer is ended, and the test fails
  });
  let shown = "", isTyped = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    // The command that says it is shown, too, as it is typed.
    if (isTyped || !new RegExp(`^${ready}\\r?$`, "m").test(shown)) return;
    isTyped = true;
    // `tinct` and `deno` are functions that print what they get, a word a line.
    child.stdin.write(`${typed}\t\x05 END\nexit\n`);
  });
  child.stdin.write(
    `tinct() { printf '<%s>\\n' tinct "$@"; }; deno() { printf '<%s>\\n' deno "$@"; }\n` +
      `${setUp}\necho ${ready.slice(0, 2)}""${ready.slice(2)}\n`,
  );
  await once(child, "close");
  const words = [...shown.matchAll(/^<(.*)>\r?$/gm)].map(([, word = ""]) => word);
  return words.slice(0, words.indexOf("END"));
}
