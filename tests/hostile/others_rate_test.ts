import assert from "assert";
import { type Attack, AttackerProcess, attacks } from "./attacker_process.ts";
import { Besieged } from "./besieged.ts";
import { SteadyClient } from "./steady_client.ts";

const SECONDS = 2;
/** More are made where less came out: tests and others' work fill the machine. */
const TRIES = 4;
const MAX_CONNECTIONS = 2000;
/** What those of an attack are cut for: a connection after the other, or those past the limit. */
const IDLE = 1.5 * MAX_CONNECTIONS;

Deno.test("attacks are cut off again and again, and another client keeps 95% of its rate", async (t) => {
  await using server = await Besieged.open([
    ...["--max-connections-per-address", `${MAX_CONNECTIONS}`],
    ...["--max-new-connections", "100000"],
  ]);
  using client = new SteadyClient(server.address);
  await client.ask(1); // warms both up

  /** @returns the share of its rate that the client kept. */
  const besiege = async (attack: Attack) => {
    const alone = await client.ask(SECONDS / 2);
    await using attacker = await AttackerProcess.start(attack, server.address, IDLE);
    const before = attacker.connections;
    const { inTime } = await client.ask(SECONDS);
    const files = await server.openFiles();
    if (attack !== "idle") assert.ok(attacker.connections > before, "it was not cut off");
    else {
      const most = MAX_CONNECTIONS + 100; // the server's own files, too
      assert.ok(files > 0.9 * MAX_CONNECTIONS && files < most, `${files} files are open`);
    }
    return inTime / alone.inTime;
  };

  for (const attack of attacks) {
    await t.step(attack, async () => {
      const shares: number[] = [];
      while (shares.length < TRIES && Math.max(0, ...shares) < 0.95) {
        shares.push(await besiege(attack));
      }
      assert.ok(Math.max(...shares) >= 0.95, `it kept ${shares} of its rate`);
    });
  }
});
