import assert from "assert";
import { readFile } from "node:fs/promises";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { AttackerProcess } from "../hostile/attacker_process.ts";
import { ServedProcess } from "../service/served_process.ts";

const SECONDS = 2;
/** Calls a second of the client that does no harm. */
const RATE = 100;
/** Later answers count as none. */
const IN_TIME_MS = 1000;
/** More are made where less came out: tests and others' work fill the machine. */
const TRIES = 6;
/** Where a client keeps less without any attack, the machine says nothing about one. */
const CALM = 0.9;
/** What another client keeps of its rate at least. */
const KEPT = 0.9;
/** By which the server may grow under all of them: V8's young heap alone takes 105, see `Besieged`. */
const GROWTH_MIB = 160;

const attacks = ["slow", "bodies", "headers", "line"];

/** Asks at an even rate, whether or not it was answered before. @returns the share in time, 0 to 1. */
async function ask(url: string, seconds: number): Promise<number> {
  const calls: Promise<boolean>[] = [];
  const startedMs = performance.now();
  for (let index = 0; index < seconds * RATE; index++) {
    const waitMs = startedMs + index * 1000 / RATE - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    calls.push(call(url));
  }
  const answered = await Promise.all(calls);
  return answered.filter(Boolean).length / answered.length;
}

async function call(url: string): Promise<boolean> {
  try {
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(IN_TIME_MS);
    const answer = await fetch(`${url}/tinct.v1.TrainingJobService/ListTrainingJobs`, {
      method: "POST",
      headers,
      body: "{}",
      signal,
    });
    return await answer.text() === "{}";
  } catch {
    return false;
  }
}

Deno.test("attacks at the door cost other clients at most a tenth of their rate, and little memory", async (t) => {
  await using folder = await TemporaryFolder.create();
  // The others have the attackers' address; what they are measured by is not its limit.
  await using served = await ServedProcess.start(folder.path, [
    ...["--web", "127.0.0.1:0", "--min-free-mib", "0", "--max-calls-per-second", "1000000"],
  ]);
  const url = String(served.lines.find((line) => line["web"] !== undefined)?.["web"]);
  const memoryMib = async () => {
    const status = await readFile(`/proc/${served.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  await ask(url, SECONDS); // warms both up
  const beforeMib = await memoryMib();

  /** @returns the share of its rate that the client kept. */
  const besiege = async (attack: string) => {
    let alone = 0;
    for (let tries = 0; alone < CALM && tries < 20; tries++) alone = await ask(url, SECONDS / 2);
    assert.ok(alone >= CALM, `of its rate a client kept ${alone} without any attack`);
    const program = new URL("web_attacker.ts", import.meta.url);
    await using attacker = await AttackerProcess.start(attack, URL.parse(url)!.host, 0, program);
    const before = attacker.connections;
    const kept = await ask(url, SECONDS);
    if (attack !== "slow") assert.ok(attacker.connections > before, "nothing was cut off");
    return kept / alone;
  };

  for (const attack of attacks) {
    await t.step(attack, async () => {
      const shares: number[] = [];
      while (shares.length < TRIES && !(Math.max(0, ...shares) >= KEPT)) {
        shares.push(await besiege(attack));
      }
      assert.ok(Math.max(...shares) >= KEPT, `they kept ${shares} of their rate`);
    });
  }
  const grownMib = await memoryMib() - beforeMib;
  assert.ok(grownMib < GROWTH_MIB, `the server grew by ${grownMib.toFixed(0)} MiB`);
  const unforeseen = served.lines.filter(({ level }) => level === "error");
  assert.deepEqual(unforeseen, [], "the server's log");
});
