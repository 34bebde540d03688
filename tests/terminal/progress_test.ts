import assert from "assert";
import { Progress, type ProgressOptions } from "../../src/terminal/progress.ts";

/** A sink that shows what a person would see, with a clock that goes when told to. */
class Screen {
  readonly isTTY: boolean;
  columns = 100;
  nowMs = 5000;
  writes = 0;
  /** Finished lines, then the one that the cursor is in. */
  lines: string[] = [""];

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  /** Does what a terminal does: line breaks, return to the line's start, clearing to its end. */
  write(text: string): void {
    this.writes++;
    let column = 0;
    let line = [...this.lines.pop() ?? ""];
    for (const [index, piece] of text.split("\x1b[K").entries()) {
      if (index > 0) line = line.slice(0, column);
      for (const character of piece) {
        if (character === "\r") column = 0;
        else if (character === "\n") {
          this.lines.push(line.join(""));
          [line, column] = [[], 0];
        } else line[column++] = character;
      }
    }
    this.lines.push(line.join(""));
  }

  begin(options: Partial<ProgressOptions> = {}): Progress {
    return new Progress({
      label: "Training",
      total: 4000,
      sink: this,
      now: () => this.nowMs,
      ...options,
    });
  }
}

Deno.test("on a terminal Progress rewrites one line with bar, amount, share, rate, time left, text", () => {
  const screen = new Screen(true);
  using progress = screen.begin();
  screen.nowMs += 1000;
  progress.update(10);
  screen.nowMs += 9000;
  progress.update(1000, "loss_G 5.31");
  assert.deepEqual(screen.lines, [
    `Training ${"━".repeat(7)}${"·".repeat(21)}  1,000/4,000  25%  100/s  30 s left  loss_G 5.31`,
  ]);
});

Deno.test("on a terminal Progress writes at most every 100 ms, however often it is told", () => {
  const screen = new Screen(true);
  using progress = screen.begin();
  for (let done = 1; done <= 3000; done++) {
    screen.nowMs++;
    progress.update(done);
  }
  assert.equal(screen.writes, 30);
});

Deno.test("a live line never reaches the last column: the bar gives way first, then the end", () => {
  for (let columns = 1; columns <= 140; columns++) {
    const screen = new Screen(true);
    screen.columns = columns;
    const progress = screen.begin();
    screen.nowMs += 1000;
    progress.update(999, "loss_D 0.693  loss_G 12.1");
    const [line = "", ...others] = screen.lines;
    const whole = "Training 999/4,000  24%  999/s  3.0 s left  loss_D 0.693  loss_G 12.1".length;
    assert.equal(others.length, 0);
    assert.ok([...line].length <= Math.max(1, columns - 1), `${columns}: ${line}`);
    if (columns > whole + 11) assert.ok(line.includes("━"), line);
    if (columns > whole) assert.ok(line.endsWith("loss_G 12.1"), line);
    else assert.ok(line.endsWith("…"), line);
  }
});

Deno.test("Progress follows the width of the terminal when it changes", () => {
  const screen = new Screen(true);
  using progress = screen.begin();
  progress.update(1);
  screen.columns = 20;
  screen.nowMs += 100;
  progress.update(2);
  assert.equal([...screen.lines[0] ?? ""].length, 19);
});

Deno.test("the rate is that of the last seconds, so the time left follows a change of speed", () => {
  const screen = new Screen(true);
  using progress = screen.begin({ total: 100_000 });
  let done = 0;
  const run = (seconds: number, perSecond: number) => {
    for (let i = 0; i < seconds * 10; i++) {
      screen.nowMs += 100;
      progress.update(done += perSecond / 10);
    }
  };
  run(600, 100);
  assert.match(screen.lines[0] ?? "", / 100\/s {2}6 min 40 s left/);
  run(20, 10);
  assert.match(screen.lines[0] ?? "", / 10\.0\/s /);
});

Deno.test("Progress that goes on from an earlier run counts only its own work in the rate", () => {
  const screen = new Screen(true);
  using progress = screen.begin({ start: 3000 });
  screen.nowMs += 10_000;
  progress.update(3100);
  assert.match(screen.lines[0] ?? "", /3,100\/4,000 {2}77% {2}10\.0\/s {2}1 min 30 s left$/);
});

Deno.test("Progress counts bytes, and without a total shows neither bar nor time left", () => {
  const screen = new Screen(true);
  using progress = screen.begin({ label: "Fetching", total: undefined, unit: "bytes" });
  screen.nowMs += 2000;
  progress.update(16_500_000);
  assert.deepEqual(screen.lines, ["Fetching 16.5 MB  8.25 MB/s"]);
});

Deno.test("line breaks and escape sequences in the text cannot break the live line", () => {
  const screen = new Screen(true);
  using progress = screen.begin({ total: undefined });
  progress.update(3, "one\r\n\x1b[2Jtwo");
  assert.deepEqual(screen.lines, ["Training 3  one\\r\\n\\x1b[2Jtwo"]);
});

Deno.test("log() writes above the live line", () => {
  const screen = new Screen(true);
  using progress = screen.begin({ total: undefined });
  progress.log("before");
  progress.update(3);
  progress.log("a warning");
  assert.deepEqual(screen.lines, ["before", "a warning", "Training 3"]);
});

Deno.test("finish() replaces the live line by a summary, once", () => {
  const screen = new Screen(true);
  const progress = screen.begin();
  screen.nowMs += 1000;
  progress.update(4000);
  screen.nowMs += 124_000;
  progress.finish("best PSNR 24.8 dB");
  progress.finish();
  progress.update(1);
  progress[Symbol.dispose]();
  assert.deepEqual(screen.lines, [
    "Training 4,000/4,000 in 2 min 05 s  32.0/s  best PSNR 24.8 dB",
    "",
  ]);
});

Deno.test("disposing leaves the last state on the screen and the cursor on a line of its own", () => {
  const screen = new Screen(true);
  assert.throws(() => {
    using progress = screen.begin({ total: undefined });
    progress.update(1);
    screen.nowMs += 10;
    progress.update(2); // too soon to be shown
    throw new Error("stopped");
  }, /stopped/);
  assert.deepEqual(screen.lines, ["Training 2  200/s", ""]);
  const silent = new Screen(true);
  silent.begin()[Symbol.dispose]();
  assert.equal(silent.writes, 0);
});

Deno.test("without a terminal Progress writes a plain line every 10 s and one at the end", () => {
  const screen = new Screen(false);
  using progress = screen.begin({ total: 250 });
  for (let done = 1; done <= 250; done++) {
    screen.nowMs += 100;
    progress.update(done, "loss_G 5.31");
  }
  progress.finish();
  assert.deepEqual(screen.lines, [
    "Training 100/250  40%  10.0/s  15 s left  loss_G 5.31",
    "Training 200/250  80%  10.0/s  5.0 s left  loss_G 5.31",
    "Training 250/250 in 25 s  10.0/s  loss_G 5.31",
    "",
  ]);
});

Deno.test("without a terminal nothing but plain text is written", () => {
  const screen = new Screen(false);
  let all = "";
  const sink = { write: (text: string) => all += text };
  using progress = new Progress({ label: "Reading", total: 9, sink, now: () => screen.nowMs });
  screen.nowMs += 11_000;
  progress.update(5);
  progress.log("a warning");
  progress.finish();
  assert.match(all, /^[\x20-\x7e\n]+$/);
  assert.equal(all.split("\n").length, 4);
});
