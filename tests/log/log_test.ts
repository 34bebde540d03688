import assert from "assert";
import { type LogLevel, type LogLine, openLog } from "../../src/log/log.ts";

const now = () => Date.UTC(2026, 2, 4, 17, 5, 9, 42);

/** What a log writes of these lines, to a terminal or elsewhere. */
function written(isTTY: boolean, lines: readonly LogLine[], least?: LogLevel): string[] {
  const texts: string[] = [];
  const sink = { isTTY, write: (text: string) => texts.push(text) };
  using log = openLog(sink, { now, ...(least && { least }) });
  for (const line of lines) log.write(line);
  return texts;
}

const line = (message: string, rest: Partial<LogLine> = {}): LogLine => ({
  level: "info",
  message,
  fields: {},
  ...rest,
});
const failure = new Error("The disk is full.", { cause: new TypeError("ENOSPC") });

Deno.test("on a terminal a log line is text: time, level, message, fields", () => {
  const lines = [
    line("The server is ready.", { fields: { address: "127.0.0.1:50051", metrics: undefined } }),
    line("A worker was lost.", {
      level: "warning",
      fields: { jobId: "job-1", step: 7, ok: false },
    }),
  ];
  assert.deepEqual(written(true, lines), [
    "17:05:09.042 info    The server is ready. address=127.0.0.1:50051\n",
    "17:05:09.042 warning A worker was lost. jobId=job-1 step=7 ok=false\n",
  ]);
});

Deno.test("on a terminal an error follows its line, with its stack and causes", () => {
  const [text = ""] = written(true, [line("Lost.", { level: "error", cause: failure })]);
  const [head, name, ...rest] = text.split("\n");
  assert.deepEqual([head, name], ["17:05:09.042 error   Lost.", "Error: The disk is full."]);
  assert.match(rest[0] ?? "", /^ {4}at .*log_test\.ts/);
  assert.ok(rest.includes("Caused by: TypeError: ENOSPC"), text);
  assert.ok(text.endsWith("\n"));
});

/** A clear screen, a forged line, a window title, DEL, C1's CSI, a turn of direction, a line break. */
const hostile = "a\x1b[2J\nb\r\x1b]0;t\x07\x7f\x9b1mc\u202ed\u2066e\u2028f";
const harmless = "a\ufffd[2J\ufffdb\ufffd\ufffd]0;t\ufffd\ufffd\ufffd1mc\ufffdd\ufffde\ufffdf";

Deno.test("nothing that a client sends can steer a terminal or forge a line", () => {
  const [text] = written(true, [line(hostile, { fields: { name: hostile } })]);
  assert.equal(text, `17:05:09.042 info    ${harmless} name=${harmless}\n`);
  const error = new Error(hostile);
  error.stack = `Error: ${hostile}\n    at home`;
  const [withError = ""] = written(true, [line("Lost.", { cause: error })]);
  const [first, second, third] = withError.split("\n").slice(1);
  assert.equal(
    `${first}\ufffd${second}`,
    `Error: ${harmless}`,
    "its line break is one, the rest is not",
  );
  assert.equal(third, "    at home");
  const [thrown] = written(true, [line("Lost.", { cause: "\x1b[2J" })]);
  assert.equal(thrown, "17:05:09.042 info    Lost.\n\ufffd[2J\n");
});

Deno.test("letters of every script stay as they are on a terminal", () => {
  const name = "Grüße, 日本語, עברית, 👩‍🎨";
  assert.deepEqual(written(true, [line(name)]), [`17:05:09.042 info    ${name}\n`]);
});

Deno.test("elsewhere a log line is one JSON object on one line", () => {
  const [text = ""] = written(false, [
    line(hostile, { fields: { jobId: "job-1" }, cause: failure }),
  ]);
  assert.equal(text.trimEnd().split("\n").length, 1);
  const { error, ...rest } = JSON.parse(text);
  const time = "2026-03-04T17:05:09.042Z";
  assert.deepEqual(rest, { time, level: "info", message: hostile, jobId: "job-1" });
  assert.match(error, /^Error: The disk is full\.\n[^]*\nCaused by: TypeError: ENOSPC/);
});

Deno.test("lines under the least level are left out", () => {
  const levels = ["debug", "info", "warning", "error"] as const;
  const lines = levels.map((level) => line(level, { level }));
  for (const [index, least] of levels.entries()) {
    const messages = written(false, lines, least).map((text) => JSON.parse(text).message);
    assert.deepEqual(messages, levels.slice(index));
  }
  assert.equal(written(true, lines).length, 3, "info by default");
});

Deno.test("of lines of a kind those beyond a number are counted, and one tells how many there were", () => {
  const texts: string[] = [];
  const limits = { now, windowMs: 60_000, perWindow: 2 };
  {
    using log = openLog({ write: (text) => texts.push(text) }, limits);
    for (let attempt = 1; attempt <= 5; attempt++) {
      log.write(line("A token was refused.", { level: "warning", fields: { attempt } }));
    }
    log.write(line("The server is ready."));
    for (let call = 1; call <= 3; call++) {
      log.write(line(`Call ${call} failed.`, { kind: "call", fields: { call } }));
    }
    assert.equal(texts.length, 5, "the others wait for the end of their window");
  }
  const told = texts.map((text) => JSON.parse(text)).map(({ time: _, level: __, ...rest }) => rest);
  assert.deepEqual(told, [
    { message: "A token was refused.", attempt: 1 },
    { message: "A token was refused.", attempt: 2 },
    { message: "The server is ready." },
    { message: "Call 1 failed.", call: 1 },
    { message: "Call 2 failed.", call: 2 },
    { message: "A token was refused.", attempt: 5, repeated: 3 },
    { message: "Call 3 failed.", call: 3, repeated: 1 },
  ]);
});

Deno.test("what was held back is told at the end of its window", async () => {
  const told = Promise.withResolvers<string>();
  const sink = { write: (text: string) => text.includes("repeated") && told.resolve(text) };
  using log = openLog(sink, { now, windowMs: 1, perWindow: 0 });
  log.write(line("A token was refused."));
  assert.equal(JSON.parse(await told.promise).repeated, 1);
});
