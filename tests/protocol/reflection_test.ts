import assert from "assert";
import { makeGenericClientConstructor, status as codes } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import { loadPublicContract, readContractImage } from "../../src/protocol/contract.ts";
import type { ServerReflectionClient } from "../../src/protocol/generated/grpc/reflection/v1/server_reflection.ts";
import type { ServerReflectionRequest } from "../../src/protocol/generated/grpc/reflection/v1/server_reflection_request.ts";
import type { ServerReflectionResponse__Output } from "../../src/protocol/generated/grpc/reflection/v1/server_reflection_response.ts";
import { olderReflection, reflectionHandlers } from "../../src/protocol/reflection.ts";
import { receive } from "../../src/protocol/receive.ts";
import { insecure, Served } from "./served.ts";

const contract = loadPublicContract();
const name = "grpc.reflection.v1.ServerReflection";
const listed = ["tinct.v1.ColorizationService", name];

const serveReflection = () =>
  Served.start("unix", (server) => {
    const handlers = reflectionHandlers(readContractImage(), listed);
    contract.serve(server, name, handlers);
    server.addService(olderReflection(contract), handlers);
  });

/** Asks questions in one call. */
async function ask(
  client: ServerReflectionClient,
  questions: readonly ServerReflectionRequest[],
): Promise<ServerReflectionResponse__Output[]> {
  const call = client.serverReflectionInfo();
  for (const question of questions) call.write(question);
  call.end();
  const answers: ServerReflectionResponse__Output[] = [];
  for await (const answer of receive<ServerReflectionResponse__Output>(call)) answers.push(answer);
  return answers;
}

/** Symbols, and what must be found when the files that they need are built. */
const symbols = [
  ["tinct.v1.ColorizationService", "tinct.v1.ColorizationService"],
  ["tinct.v1.ColorizationService.Train", "tinct.v1.ColorizationService"],
  ["tinct.v1.TrainRequest", "tinct.v1.TrainRequest"],
  ["tinct.v1.JobState", "tinct.v1.JobState"],
  ["inference.GRPCInferenceService.ModelInfer", "inference.GRPCInferenceService"],
  ["inference.InferTensorContents", "inference.InferTensorContents"],
  ["grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc.health.v1.HealthCheckResponse"],
  // What tools read the details of refusals by.
  ["google.rpc.Status", "google.rpc.Status"],
  ["google.rpc.BadRequest", "google.rpc.BadRequest"],
  ["google.rpc.PreconditionFailure", "google.rpc.PreconditionFailure"],
  ["google.rpc.QuotaFailure", "google.rpc.QuotaFailure"],
  ["google.rpc.ResourceInfo", "google.rpc.ResourceInfo"],
  ["google.rpc.RetryInfo", "google.rpc.RetryInfo"],
  ["google.rpc.ErrorInfo", "google.rpc.ErrorInfo"],
] as const;

for (const [symbol, holder] of symbols) {
  Deno.test(`reflection gives all files that ${symbol} needs, so that it can be built`, async () => {
    await using served = await serveReflection();
    const client = contract.connect(name, served.address, insecure());
    const [answer] = await ask(client, [{ fileContainingSymbol: symbol }]);
    const files = answer?.fileDescriptorResponse?.fileDescriptorProto ?? [];
    const decoded = files.map((file) =>
      descriptor.FileDescriptorProto.decode(file) as descriptor.IFileDescriptorProto
    );
    const names = decoded.map((file) => file.name);
    assert.equal(new Set(names).size, names.length, "no file comes twice");
    const needed = decoded.flatMap((file) => file.dependency ?? []);
    assert.deepEqual(needed.filter((file) => !names.includes(file)), []);
    const writer = protobuf.Writer.create();
    for (const file of files) writer.uint32(10).bytes(file);
    const built = loadFileDescriptorSetFromBuffer(Buffer.from(writer.finish()));
    assert(built[holder] !== undefined, Object.keys(built).join(" "));
    client.close();
  });
}

Deno.test("reflection answers several questions of a call in their order", async () => {
  await using served = await serveReflection();
  const client = contract.connect(name, served.address, insecure());
  const answers = await ask(client, [
    { listServices: "" },
    { fileByFilename: "tinct/v1/metrics.proto" },
    { fileByFilename: "tinct/v1/none.proto" },
    { fileContainingSymbol: "tinct.worker.v1.WorkerService" },
    { allExtensionNumbersOfType: "tinct.v1.TrainRequest" },
    { fileContainingExtension: { containingType: "tinct.v1.TrainRequest", extensionNumber: 5 } },
    {},
  ]);
  assert.deepEqual(answers.map(({ messageResponse }) => messageResponse), [
    "listServicesResponse",
    "fileDescriptorResponse",
    "errorResponse",
    "errorResponse",
    "allExtensionNumbersResponse",
    "errorResponse",
    "errorResponse",
  ]);
  assert.deepEqual(answers[0]?.listServicesResponse?.service.map(({ name }) => name), listed);
  assert.deepEqual(answers.map(({ errorResponse }) => errorResponse?.errorCode), [
    undefined,
    undefined,
    codes.NOT_FOUND,
    codes.NOT_FOUND, // what workers say is nobody's business
    undefined,
    codes.NOT_FOUND,
    codes.UNIMPLEMENTED,
  ]);
  client.close();
});

Deno.test("reflection answers under its older name too", async () => {
  await using served = await serveReflection();
  const OlderClient = makeGenericClientConstructor(olderReflection(contract), "older");
  const client = new OlderClient(served.address, insecure());
  const asking = client as unknown as ServerReflectionClient;
  const [answer] = await ask(asking, [{ listServices: "*" }]);
  assert.deepEqual(answer?.listServicesResponse?.service.map(({ name }) => name), listed);
  client.close();
});
