/**
 * What attacks cost other clients: `deno run -A tests/hostile/others_rate.ts [SECONDS]`. A client asks
 * 100 times a second while another process attacks; each line is the share of its calls that were
 * answered in time, and how long they took. The issue asks for 95%.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { Besieged } from "./besieged.ts";

const RATE_PER_SECOND = 100;
/** Later answers count as none. */
const IN_TIME_MS = 1000;

const seconds = Number(Deno.args[0] ?? 5);
const attacks = ["none", "pings", "resets", "metadata", "oversized", "idle"];
const contract = loadPublicContract();

/** Asks at an even rate. @returns milliseconds of each call; Infinity for one that failed. */
async function ask(address: string): Promise<number[]> {
  const client = contract.connect(
    "tinct.v1.TrainingJobService",
    address,
    credentials.createInsecure(),
  );
  const calls: Promise<number>[] = [];
  const startedMs = performance.now();
  for (let index = 0; index < seconds * RATE_PER_SECOND; index++) {
    const dueMs = startedMs + index * 1000 / RATE_PER_SECOND;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    calls.push(
      new Promise((resolve) => {
        const begunMs = performance.now();
        const deadline = Date.now() + IN_TIME_MS;
        client.listTrainingJobs(
          {},
          { deadline },
          (error) => resolve(error ? Infinity : performance.now() - begunMs),
        );
      }),
    );
  }
  const times = await Promise.all(calls);
  client.close();
  return times;
}

await using server = await Besieged.open([
  ...["--max-connections", "20000", "--max-connections-per-address", "12000"],
  ...["--max-new-connections", "20000"],
]);
await ask(server.address); // warms both up
for (const attack of attacks) {
  const program = fileURLToPath(new URL("attacker.ts", import.meta.url));
  const attacker = attack === "none" ? undefined : spawn(
    Deno.execPath(),
    ["run", "-A", "--no-check", program, attack, server.address],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  // The attack is under way once its process has started; ten thousand connections take longer.
  await new Promise((resolve) => setTimeout(resolve, attack === "idle" ? 8000 : 1000));
  const files = await server.openFiles();
  const times = await ask(server.address);
  attacker?.kill("SIGKILL");
  const sorted = times.toSorted((a, b) => a - b);
  const inTime = times.filter(Number.isFinite).length / times.length;
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(1);
  const rss = ((await server.memoryBytes()) / 2 ** 20).toFixed(0);
  console.log(
    `${attack.padEnd(10)} ${(100 * inTime).toFixed(1).padStart(5)}% in time, median ${
      at(0.5)
    } ms, ` +
      `99%: ${at(0.99)} ms; server ${rss} MiB, ${files} files`,
  );
}
