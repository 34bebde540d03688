import assert from "assert";
import { MAX_LINE, OutputLines } from "../../src/fleet/output_lines.ts";

/** The lines of text that comes in pieces. */
function linesOf(...pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const output = new OutputLines((line) => void lines.push(line));
  for (const piece of pieces) output.add(piece);
  output.end();
  return lines;
}

Deno.test("output comes line by line, however it was cut into pieces", () => {
  const text = "one\ntwo\r\n\nthree\rfour\r\n\r\nfive";
  const lines = ["one", "two", "", "three", "four", "", "five"];
  for (let length = 1; length <= text.length; length++) {
    const pieces = Array.from(
      { length: Math.ceil(text.length / length) },
      (_, at) => text.slice(at * length, (at + 1) * length),
    );
    assert.deepEqual(linesOf(...pieces), lines, `pieces of ${length}`);
  }
  assert.deepEqual(linesOf("all\n"), ["all"]);
  assert.deepEqual(linesOf("a\r", "", "\nb"), ["a", "b"]);
  assert.deepEqual(linesOf(), []);
});

Deno.test("a line is kept up to its bound, and the next one whole", () => {
  const exact = "x".repeat(MAX_LINE);
  assert.deepEqual(linesOf(exact, "\nnext\n"), [exact, "next"]);
  assert.deepEqual(linesOf(`${exact}x\nnext`), [`${exact.slice(1)}…`, "next"]);
  assert.deepEqual(linesOf(exact, "x", "\nnext"), [`${exact.slice(1)}…`, "next"]);
});

Deno.test("output without a line's end takes no more memory than a line", () => {
  const lines: string[] = [];
  const output = new OutputLines((line) => void lines.push(line));
  const piece = "x".repeat(65_536);
  for (let at = 0; at < 4096; at++) { // 256 MiB
    output.add(piece);
    assert.ok(output.held <= MAX_LINE);
  }
  output.end();
  assert.deepEqual(lines, [`${"x".repeat(MAX_LINE - 1)}…`]);
});
