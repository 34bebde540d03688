import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Waits, but not for ever.
 *
 * @param what is waited for, as a sentence's subject.
 * @throws {Error} that says what took too long.
 */
export async function within<Value>(
  seconds: number,
  what: string,
  wanted: Promise<Value>,
): Promise<Value> {
  const ending = new AbortController();
  const tooLong = wait(1000 * seconds, undefined, { signal: ending.signal }).then(
    () => Promise.reject(new Error(`${what} took longer than ${seconds} s.`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([wanted, tooLong]);
  } finally {
    ending.abort();
  }
}

/** A program of ours in a process of its own. */
interface Program {
  readonly child: ChildProcess;
  /** Waits for words in what it writes from now on. @throws when it ends, or too much time passes. */
  says(words: RegExp, seconds: number): Promise<RegExpExecArray>;
  /** Ends it, and by force where it does not end itself. */
  end(): Promise<void>;
}

/** Starts a program. @param out what is listened to. */
export function startProgram(args: readonly string[], out: "stdout" | "stderr"): Program {
  const [, name = ""] = /([^/]*)\.ts$/.exec(args[0] ?? "") ?? [];
  const child = spawn(process.execPath, ["run", "-A", "--no-check", ...args], {
    stdio: out === "stdout" ? ["ignore", "pipe", "inherit"] : ["ignore", "ignore", "pipe"],
  });
  // What it started may keep its pipes open, so its exit counts, and not that these close.
  const exited = once(child, "exit");
  exited.catch(() => {});
  let said = "";
  const listeners = new Set<() => void>();
  child[out]?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-8000);
    for (const listener of listeners) listener();
  });
  return {
    child,
    async says(words, seconds) {
      const found = Promise.withResolvers<RegExpExecArray>();
      const look = () => {
        const match = words.exec(said);
        if (match) found.resolve(match);
      };
      listeners.add(look);
      look();
      const ended = exited.then(([code]) =>
        Promise.reject(
          new Error(`${name} ended with ${code}. Its last words: ${said.slice(-1000)}`),
        )
      );
      try {
        return await within(seconds, `${words} from ${name}`, Promise.race([found.promise, ended]));
      } finally {
        listeners.delete(look);
        ended.catch(() => {});
      }
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      try {
        await within(30, `The end of ${name}`, exited);
      } finally {
        child.kill("SIGKILL");
      }
    },
  };
}
