import assert from "assert";
import type { EventKind, JobEvent } from "../../src/jobs/job_event.ts";
import { thinBacklog } from "../../src/jobs/thin_backlog.ts";

const letters: Record<string, EventKind> = {
  s: "state",
  l: "losses",
  v: "validation",
  p: "sample",
  c: "checkpoint",
  g: "log",
  h: "heartbeat",
};

/** Events written as one letter each, the first with the sequence number 11. */
function eventsOf(text: string): JobEvent[] {
  return text.split("").map((letter, index) => {
    const kind = letters[letter] ?? "log";
    // Their payloads do not matter.
    return { sequence: 11 + index, kind, attempt: 1, timeMs: 0, payload: {} } as JobEvent;
  });
}

/** Events as they are written, a dot for each that was left out. */
function draw(all: readonly JobEvent[], kept: readonly JobEvent[]): string {
  const letterOf = (kind: string) =>
    Object.keys(letters).find((letter) => letters[letter] === kind) ?? "?";
  const drawn = all.map((event) => kept.includes(event) ? letterOf(event.kind) : ".").join("");
  assert.deepEqual(kept, all.filter((event) => kept.includes(event)), "in their order");
  return drawn;
}

const none = { losses: 0, samples: 0, heartbeats: 0 };

const cases = [
  { events: "lplplh", behind: 0, maxBacklog: 6, kept: "lplplh", left: undefined },
  { events: "lplplh", behind: 4, maxBacklog: 10, kept: "lplplh", left: undefined },
  { events: "", behind: 500, maxBacklog: 1, kept: "", left: undefined },
  { events: "llllll", behind: 0, maxBacklog: 5, kept: ".l.l.l", left: { ...none, losses: 3 } },
  { events: "llllll", behind: 12, maxBacklog: 6, kept: "..l..l", left: { ...none, losses: 4 } },
  { events: "llllll", behind: 1e6, maxBacklog: 6, kept: ".....l", left: { ...none, losses: 5 } },
  { events: "lpslpg", behind: 0, maxBacklog: 1, kept: "..slpg", left: { losses: 1, samples: 1 } },
  { events: "pppppp", behind: 9, maxBacklog: 5, kept: ".....p", left: { ...none, samples: 5 } },
  { events: "hhshhl", behind: 0, maxBacklog: 5, kept: "..s.hl", left: { ...none, heartbeats: 3 } },
  { events: "svcgsv", behind: 99, maxBacklog: 1, kept: "svcgsv", left: undefined },
] as const;

for (const { events: text, behind, maxBacklog, kept, left } of cases) {
  Deno.test(`thinBacklog() makes ${kept || "nothing"} of ${text || "nothing"} and ${behind} more, at ${maxBacklog}`, () => {
    const all = eventsOf(text);
    const { events, notice } = thinBacklog(all, behind, { maxBacklog });
    assert.equal(draw(all, events), kept);
    const stretch = { fromSequence: 11, toSequence: 10 + text.length };
    assert.deepEqual(notice, left && { ...none, ...stretch, ...left });
  });
}

Deno.test("thinBacklog() refuses a limit that lets nothing through", () => {
  for (const maxBacklog of [0, -1, 1.5, NaN]) {
    assert.throws(() => thinBacklog(eventsOf("l"), 0, { maxBacklog }), RangeError);
  }
});
