import assert from "assert";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { AttackerProcess } from "../hostile/attacker_process.ts";
import { residentMib } from "../process_facts.ts";
import { ServedProcess } from "../service/served_process.ts";

const SECONDS = 1;
/** Calls a second of the client that does no harm. */
const RATE = 100;
/** Later answers count as none. */
const IN_TIME_MS = 1000;
/** Verdicts on an attack of which the most count; the first three that agree settle it. */
const VERDICTS = 5;
/** Where a client keeps less of its rate under an attack on nobody, the machine says nothing. */
const CALM = 0.9;
/** Other work on the machine comes and goes: so many measurements may say nothing. */
const TRIES = 60;
/** What another client keeps at least of the rate that it has while a stand-in is attacked. */
const KEPT = 0.9;
/** By which the server may grow under all of them: V8's young heap alone takes 105, see `Besieged`. */
const GROWTH_MIB = 160;

const attacks = ["slow", "bodies", "chunks", "pipeline", "headers", "line"];

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
  await ask(url, SECONDS); // warms both up
  const beforeMib = await residentMib(served.pid);

  const program = new URL("web_attacker.ts", import.meta.url);
  await using decoy = await AttackerProcess.start("decoy", "", 0, program);
  const aims = { server: URL.parse(url)!.host, decoy: `127.0.0.1:${decoy.lastLine}` };
  /** @returns the share of its rate that the client keeps while somebody is attacked. */
  const besiege = async (attack: string, whom: keyof typeof aims) => {
    await using attacker = await AttackerProcess.start(attack, aims[whom], 0, program);
    const before = attacker.connections;
    const kept = await ask(url, SECONDS);
    const isCut = attack === "slow" || attacker.connections > before;
    assert.ok(isCut, `nothing of ${attack} on the ${whom} was cut off`);
    return kept;
  };

  // An attack costs the machine what the attacker takes of it, and other work takes more at one time
  // than at another. So each measurement stands between two of the same attack on a stand-in, which
  // both must have left the client its rate, and is compared with them.
  for (const attack of attacks) {
    await t.step(attack, async () => {
      const verdicts: boolean[] = [];
      const most = (kept: boolean) =>
        verdicts.filter((each) => each === kept).length * 2 > VERDICTS;
      const shares: number[] = [];
      let before = await besiege(attack, "decoy");
      for (let tries = 0; !most(true) && !most(false) && tries < TRIES; tries++) {
        const kept = await besiege(attack, "server");
        const after = await besiege(attack, "decoy");
        if (Math.min(before, after) >= CALM) {
          const share = 2 * kept / (before + after);
          shares.push(share);
          verdicts.push(share >= KEPT);
        }
        before = after;
      }
      assert.ok(most(true), `they kept ${shares} of their rate, in ${TRIES} tries at most`);
    });
  }
  const grownMib = await residentMib(served.pid) - beforeMib;
  assert.ok(grownMib < GROWTH_MIB, `the server grew by ${grownMib.toFixed(0)} MiB`);
  const unforeseen = served.lines.filter(({ level }) => level === "error");
  assert.deepEqual(unforeseen, [], "the server's log");
});
