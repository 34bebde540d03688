/**
 * What a health probe leaves behind in a server's memory, by HTTP (`--probe`) and by a gRPC connection
 * of its own: `deno run -A bench/probes.ts [PROBES]`. Prints KB a probe, the slope over the second half.
 */
import process from "node:process";
import { request } from "node:http";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../src/protocol/contract.ts";
import { BenchServer } from "./service/bench_server.ts";

const probes = Number(process.argv[2] ?? 4000);
const limits = ["--max-new-connections", "1000000", "--max-calls-per-second", "1000000"];
const flags = ["--probe", "127.0.0.1:0", ...limits];
await using server = await BenchServer.start({ photos: 0, side: 32, flags });
const contract = loadPublicContract();

function askHttp(): Promise<void> {
  const [host, port] = (server.probe ?? "").split(":");
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path: "/healthz", agent: false }, (answer) => {
      answer.resume().once("close", resolve);
    });
    asked.once("error", reject).end();
  });
}

function askGrpc(): Promise<void> {
  const client = contract.connect(
    "grpc.health.v1.Health",
    server.address,
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

for (const [name, ask] of [["HTTP", askHttp], ["gRPC", askGrpc]] as const) {
  let halfBytes = 0;
  for (let i = 0; i < probes; i++) {
    if (i === probes / 2) halfBytes = (await server.memory()).nowBytes;
    await ask();
  }
  const grownBytes = (await server.memory()).nowBytes - halfBytes;
  console.log(`${name}: ${(grownBytes / 1024 / (probes / 2)).toFixed(1)} KB a probe`);
}
