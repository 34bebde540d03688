import assert from "assert";
import { status as codes } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { HealthBoard } from "../../src/protocol/health.ts";
import type { HealthCheckResponse__Output } from "../../src/protocol/generated/grpc/health/v1/health_check_response.ts";
import type { HealthClient } from "../../src/protocol/generated/grpc/health/v1/health.ts";
import { receive } from "../../src/protocol/receive.ts";
import { insecure, Served } from "./served.ts";

const contract = loadPublicContract();
const name = "grpc.health.v1.Health";
const trained = "tinct.v1.ColorizationService";

const serveHealth = (board: HealthBoard) =>
  Served.start("unix", (server) => contract.serve(server, name, board.handlers()));

function check(client: HealthClient, service: string): Promise<string> {
  return new Promise((resolve, reject) =>
    client.check({ service }, (error, answer) => {
      if (answer) resolve(answer.status);
      else reject(error);
    })
  );
}

Deno.test("Check tells each service's status, and NOT_FOUND of others", async () => {
  const board = new HealthBoard([trained, "tinct.v1.ModelService"]);
  await using served = await serveHealth(board);
  const client = contract.connect(name, served.address, insecure());
  assert.equal(await check(client, ""), "NOT_SERVING");
  board.setAll("SERVING");
  board.set(trained, "NOT_SERVING");
  assert.equal(await check(client, ""), "SERVING");
  assert.equal(await check(client, trained), "NOT_SERVING");
  assert.equal(await check(client, "tinct.v1.ModelService"), "SERVING");
  await assert.rejects(check(client, "tinct.v1.Other"), { code: codes.NOT_FOUND });
  assert.throws(() => board.set("tinct.v1.Other", "SERVING"), TypeError);
  client.close();
});

Deno.test("Watch tells the status at once and every change, until the server stops", async () => {
  const board = new HealthBoard([trained]);
  await using served = await serveHealth(board);
  const client = contract.connect(name, served.address, insecure());
  const watching = receive<HealthCheckResponse__Output>(client.watch({ service: trained }));
  const next = async () => (await watching.next()).value?.status;
  assert.equal(await next(), "NOT_SERVING");
  board.set(trained, "SERVING");
  assert.equal(await next(), "SERVING");
  board.set(trained, "SERVING"); // no change, no message
  board.set(trained, "NOT_SERVING");
  assert.equal(await next(), "NOT_SERVING");
  board.endWatches();
  await assert.rejects(next(), { code: codes.UNAVAILABLE });
  client.close();
});

Deno.test("Watch answers SERVICE_UNKNOWN for a service that is not there", async () => {
  await using served = await serveHealth(new HealthBoard([trained]));
  const client = contract.connect(name, served.address, insecure());
  const call = client.watch({ service: "tinct.v1.Other" });
  const { value } = await receive(call).next();
  assert.equal(value?.status, "SERVICE_UNKNOWN");
  call.on("error", () => {});
  call.cancel();
  client.close();
});
