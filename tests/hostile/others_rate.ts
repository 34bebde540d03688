/**
 * What attacks cost other clients: `deno run -A tests/hostile/others_rate.ts [SECONDS]`. A client asks
 * 100 times a second while another process attacks; each line is the share of its calls that were
 * answered in time, and how long they took. others_rate_test.ts wants 95% of fewer connections.
 */
import { AttackerProcess, attacks } from "./attacker_process.ts";
import { Besieged } from "./besieged.ts";
import { SteadyClient } from "./steady_client.ts";

const IDLE = 10_000;

const seconds = Number(Deno.args[0] ?? 5);

await using server = await Besieged.open([
  ...["--max-connections", "20000", "--max-connections-per-address", "12000"],
  ...["--max-new-connections", "20000"],
]);
using client = new SteadyClient(server.address);
await client.ask(seconds); // warms both up
for (const attack of [undefined, ...attacks]) {
  await using attacker = attack && await AttackerProcess.start(attack, server.address, IDLE);
  const before = attacker?.connections ?? 0;
  const { inTime, times } = await client.ask(seconds);
  const cut = (attacker?.connections ?? 0) - before;
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? NaN).toFixed(1);
  const mib = ((await server.memoryBytes()) / 2 ** 20).toFixed(0);
  console.log(
    `${(attack ?? "none").padEnd(10)} ${(100 * inTime).toFixed(1).padStart(5)}% in time, ` +
      `median ${at(0.5)} ms, 99%: ${at(0.99)} ms; ${cut} connections cut, ` +
      `server ${mib} MiB, ${await server.openFiles()} files`,
  );
}
