/**
 * What a health probe leaves behind in a server's memory, by HTTP (`--probe`) and by a gRPC connection
 * of its own: `deno run -A bench/probes.ts [PROBES]`. Prints KB a probe, the slope over the second half.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { request } from "node:http";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../src/protocol/contract.ts";

const probes = Number(process.argv[2] ?? 4000);
const folder = await mkdtemp(join(tmpdir(), "tinct-probes-"));
const main = new URL("../src/cli/main.ts", import.meta.url).pathname;
const limits = ["--max-new-connections", "1000000", "--max-calls-per-second", "1000000"];
const args = ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0", "--probe", "127.0.0.1:0"];
const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", main, ...args, ...limits], {
  stdio: ["ignore", "ignore", "pipe"],
});
const ready = Promise.withResolvers<{ address: string; probe: string }>();
createInterface({ input: child.stderr! }).on("line", (line) => {
  const said = JSON.parse(line);
  if (said.message === "The server is ready.") ready.resolve(said);
});
const { address, probe } = await ready.promise;

async function residentKb(): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
}

function askHttp(): Promise<void> {
  const [host, port] = probe.split(":");
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path: "/healthz", agent: false }, (answer) => {
      answer.resume().once("close", resolve);
    });
    asked.once("error", reject).end();
  });
}

const contract = loadPublicContract();

function askGrpc(): Promise<void> {
  const client = contract.connect(
    "grpc.health.v1.Health",
    address,
    credentials.createInsecure(),
    { "grpc.use_local_subchannel_pool": 1 },
  );
  return new Promise((resolve, reject) =>
    client.check({ service: "" }, (error) => {
      client.close();
      if (error) reject(error);
      else resolve();
    })
  );
}

try {
  for (const [name, ask] of [["HTTP", askHttp], ["gRPC", askGrpc]] as const) {
    let halfKb = 0;
    for (let i = 0; i < probes; i++) {
      if (i === probes / 2) halfKb = await residentKb();
      await ask();
    }
    const grownKb = await residentKb() - halfKb;
    console.log(`${name}: ${(grownKb / (probes / 2)).toFixed(1)} KB a probe`);
  }
} finally {
  child.kill("SIGTERM");
  await rm(folder, { recursive: true });
}
