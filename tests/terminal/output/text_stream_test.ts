import assert from "assert";
import { TextStream, type TextTarget } from "../../../src/terminal/output/text_stream.ts";

/** A target whose writes are as slow, short and faulty as a test likes. */
class Target implements TextTarget {
  readonly isTTY = false;
  readonly columns = undefined;
  text = "";
  /** What the next writes do: an error, or how many bytes they take; without an entry all. */
  readonly next: (Error | number)[] = [];
  /** Ends the slow write under way. */
  release: (() => void) | undefined;

  constructor(readonly isSlow: boolean) {}

  write(bytes: Uint8Array): number | Promise<number> {
    if (!this.isSlow) return this.#take(bytes);
    return new Promise<void>((resolve) => this.release = resolve).then(() => this.#take(bytes));
  }

  #take(bytes: Uint8Array): number {
    const next = this.next.shift() ?? bytes.length;
    if (next instanceof Error) throw next;
    this.text += new TextDecoder().decode(bytes.subarray(0, next));
    return next;
  }
}

const errorOf = (code: string) => Object.assign(new Error(code), { code });
const open = (target: Target) => new TextStream(target, { maxWaitingBytes: 20 });

Deno.test("text that a full disk does not take is lost, and the next line says how much", () => {
  const target = new Target(false);
  const stream = open(target);
  const failures: unknown[] = [];
  stream.onFailure = (error) => failures.push(error);
  stream.write("one\n");
  target.next.push(errorOf("ENOSPC"), errorOf("ENOSPC"));
  stream.write("two\n");
  stream.write("three\n");
  stream.write("four\n");
  assert.equal(target.text, "one\n(2 messages were lost here.)\nfour\n");
  assert.equal(failures.length, 1, "told once");
  assert.equal(stream.failure?.error, failures[0]);
});

Deno.test("a line that a full disk cuts short is ended before the next", () => {
  const target = new Target(false);
  const stream = open(target);
  target.next.push(2, errorOf("ENOSPC"));
  stream.write("one\n");
  stream.write("two\n");
  assert.equal(target.text, "on\n(1 message was lost here.)\ntwo\n");
});

Deno.test("short writes go on where they ended", () => {
  const target = new Target(false);
  target.next.push(1, 1);
  open(target).write("one\n");
  assert.equal(target.text, "one\n");
});

Deno.test("what a slow reader has no room for is lost, except what is to be kept", async () => {
  const target = new Target(true);
  const stream = open(target);
  stream.write("first line\n");
  stream.write("second line\n"); // 11 + 12 bytes are more than 20
  stream.write("third line\n");
  stream.write("a result\n", { keep: true });
  assert.equal(target.text, "");
  assert.equal(stream.isIdle, false);
  while (!stream.isIdle) {
    target.release?.();
    await Promise.resolve();
  }
  assert.equal(target.text, "first line\n(2 messages were lost here.)\na result\n");
  await stream.written();
});

Deno.test("after the reader of a pipe has gone nothing waits and nothing is tried", async () => {
  const target = new Target(true);
  const stream = open(target);
  target.next.push(errorOf("EPIPE"));
  stream.write("one\n");
  stream.write("two\n");
  target.release?.();
  await stream.written();
  target.release = undefined;
  stream.write("three\n");
  assert.equal(target.release, undefined, "no further write");
  assert.equal(stream.isIdle, true);
  assert.equal(target.text, "");
});
