import assert from "assert";
import { Buffer } from "node:buffer";
import {
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { ConnectError, type Transport } from "@connectrpc/connect";
import * as forNode from "@connectrpc/connect-node";
import * as forWeb from "@connectrpc/connect-web";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { readContractImage } from "../../src/protocol/contract.ts";
import { STATUS_DETAILS_KEY } from "../../src/protocol/status_details.ts";
import { descriptorsOf } from "../../src/web_door/descriptors.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { answer, Scene } from "../service/scene.ts";

const descriptors = descriptorsOf(readContractImage());
const statusType = descriptors.getMessage("google.rpc.Status")!;
const services = ["Colorization", "TrainingJob", "Model", "Dataset", "Weights", "Sweep"]
  .map((name) => `tinct.v1.${name}Service`)
  .concat("inference.GRPCInferenceService")
  .map((name) => descriptors.getService(name)!);

/** What a call came to, as anybody may compare it. */
interface Outcome {
  readonly answers: readonly JsonValue[];
  readonly error?: {
    readonly code: number;
    readonly message: string;
    /** Each one's type and bytes. */
    readonly details: readonly string[];
  };
}

/** The clients of Connect's libraries, each protocol in each format. */
function transports(baseUrl: string): Readonly<Record<string, Transport>> {
  const old = { baseUrl, httpVersion: "1.1" } as const;
  return {
    "connect-node, JSON": forNode.createConnectTransport({ ...old, useBinaryFormat: false }),
    "connect-node, binary": forNode.createConnectTransport({ ...old, useBinaryFormat: true }),
    "connect-node, gRPC-Web": forNode.createGrpcWebTransport(old),
    "connect-web, JSON": forWeb.createConnectTransport({ baseUrl, useBinaryFormat: false }),
    "connect-web, binary": forWeb.createConnectTransport({ baseUrl, useBinaryFormat: true }),
    "connect-web, gRPC-Web": forWeb.createGrpcWebTransport({ baseUrl }),
  };
}

async function byConnect(
  transport: Transport,
  method: DescMethod,
  request: Message,
): Promise<Outcome> {
  const answers: JsonValue[] = [];
  try {
    if (method.methodKind === "unary") {
      const unary = method as DescMethodUnary;
      const { message } = await transport.unary(unary, undefined, 60_000, undefined, request);
      answers.push(toJson(method.output, message));
    } else {
      const streaming = method as DescMethodServerStreaming;
      const requests = async function* () {
        yield await Promise.resolve(request);
      };
      const { message } = await transport.stream(
        streaming,
        undefined,
        60_000,
        undefined,
        requests(),
      );
      for await (const each of message) answers.push(toJson(method.output, each));
    }
    return { answers };
  } catch (thrown) {
    const { code, rawMessage: message, details } = ConnectError.from(thrown);
    const shown = details.map((each) => "type" in each ? detail(each.type, each.value) : "");
    return { answers, error: { code, message, details: shown } };
  }
}

function byGrpc(client: Client, method: DescMethod, request: Message): Promise<Outcome> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const encode = (message: Message) => Buffer.from(toBinary(method.input, message));
  const decode = (bytes: Buffer) => toJson(method.output, fromBinary(method.output, bytes));
  const answers: JsonValue[] = [];
  return new Promise((resolve) => {
    const failed = ({ code, details: message, metadata }: ServiceError) => {
      const bytes = metadata.get(STATUS_DETAILS_KEY)[0] as Buffer | undefined;
      const status = fromBinary(statusType, bytes ?? new Uint8Array()) as unknown as {
        readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
      };
      const details = status.details.map(({ typeUrl, value }) =>
        detail(typeUrl.slice(typeUrl.indexOf("/") + 1), value)
      );
      resolve({ answers, error: { code, message, details } });
    };
    if (method.methodKind === "unary") {
      client.makeUnaryRequest(path, encode, decode, request, (error, answered) => {
        if (error) failed(error);
        else resolve({ answers: [answered ?? null] });
      });
      return;
    }
    const call = client.makeServerStreamRequest(path, encode, decode, request);
    call.on("data", (each: JsonValue) => answers.push(each)).on("error", failed)
      .on("end", () => resolve({ answers }));
  });
}

function detail(type: string, value: Uint8Array): string {
  return `${type} ${Buffer.from(value).toString("base64")}`;
}

/** Answers without signs of life, and without what each call measures anew. */
function comparable({ answers, ...rest }: Outcome): Outcome {
  const kept = answers.filter((each) => JSON.stringify(each) !== "{}" || answers.length === 1);
  const text = JSON.stringify(kept, (name, value) => name === "scanTime" ? undefined : value);
  return { ...rest, answers: JSON.parse(text) };
}

Deno.test("every call ends by Connect and gRPC-Web as it does by gRPC", async (t) => {
  // Both sides are in this process: on a busy machine a connection may wait long for its first words.
  const patient = { helloSeconds: 600 };
  await using scene = await Scene.open(patient, undefined, { pages: noPages });
  const trained = { dataset: "meadow", requestId: "the same" };
  const { job } = await answer<TrainResponse__Output>((back) =>
    scene.colorization.train(trained, back)
  );
  const jobId = job!.jobId;
  await answer((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
  /** Requests besides the empty one, by the method's name. */
  const requests: Readonly<Record<string, readonly JsonValue[]>> = {
    Train: [trained, { dataset: "none" }, { dataset: "meadow", config: { batchSize: 0 } }],
    StreamMetrics: [{ jobId }, { jobId, fromSequence: 2 }, { jobId: "none" }, {
      jobId,
      maxImagePixels: -4,
    }],
    Colorize: [{ image: "AAAA", model: { name: "none" } }, { image: "AAAA", quality: 400 }],
    ColorizeInPieces: [
      { image: "AAAA", settings: { model: { name: "none" } } },
      { image: "AAAA", settings: { quality: 400 } },
    ],
    GetTrainingJob: [{ jobId }, { jobId: "none" }, { jobId: "a b" }],
    ListTrainingJobs: [{ pageSize: 1 }, { pageSize: 5000 }, { pageToken: "no token" }],
    ListCheckpoints: [{ jobId }, { jobId: "none" }],
    DownloadCheckpoint: [
      { checkpoint: { jobId } },
      { checkpoint: { jobId, step: "7" } },
      { checkpoint: { jobId: "none" } },
      {},
    ],
    CancelTrainingJob: [{ jobId }, { jobId: "none" }],
    PauseTrainingJob: [{ jobId }],
    ResumeTrainingJob: [{ jobId }],
    DeleteTrainingJob: [{ jobId: "none" }],
    ValidateTrainingConfig: [{ dataset: "meadow", config: { batchSize: 0, lrG: -1 } }],
    ExportModel: [{ name: "none" }, {
      name: "none",
      whole: true,
      format: "EXPORT_FORMAT_SAFETENSORS",
    }],
    PromoteCheckpoint: [{ checkpoint: { jobId, step: "1" }, name: "roses" }],
    GetModel: [{ name: "none" }, { name: "a/b" }],
    DeleteModel: [{ name: "none" }],
    GetDataset: [{ dataset: "meadow" }, { dataset: "none" }],
    PreviewPhotos: [
      { dataset: "none", fileNames: ["a.png"] },
      { dataset: "meadow", fileNames: ["../a.png"] },
      { dataset: "meadow", maxSide: 1000 },
    ],
    ListDatasetFiles: [{ dataset: "meadow" }],
    DeleteDataset: [{ dataset: "meadow" }],
    UploadPieces: [{ dataset: "meadow" }, { dataset: "new", pieces: [{ data: "AAAA" }] }],
    GetSweep: [{ sweepId: "none" }],
    WatchSweep: [{ sweepId: "none" }],
    ModelReady: [{ name: "none" }, { name: "a/b" }],
    ModelMetadata: [{ name: "none" }, { name: "none", version: "new" }],
    ModelInfer: [
      { modelName: "none", inputs: [], parameters: { saturation: { doubleParam: 9 }, speed: {} } },
      {
        modelName: "none",
        inputs: [{ name: "image", datatype: "UINT8", shape: [1, 1, 1, 3] }],
        rawInputContents: ["AAAA"],
      },
    ],
    RepositoryIndex: [{ repositoryName: "other" }],
    RepositoryModelLoad: [{ modelName: "none" }],
    RepositoryModelUnload: [{ modelName: "none", parameters: { force: { boolParam: true } } }],
    CreateSweep: [{ spec: { dataset: "meadow", trials: -1 } }],
  };
  const client = new Client(scene.server.address, credentials.createInsecure());
  const clients = Object.entries(transports(scene.server.webUrl));
  let compared = 0;
  try {
    for (const method of services.flatMap((service) => service.methods)) {
      await t.step(method.name, async () => {
        for (const given of [{}, ...requests[method.name] ?? []]) {
          const request = fromJson(method.input, given);
          const isCarried = ["unary", "server_streaming"].includes(method.methodKind);
          const expected = isCarried
            ? comparable(await byGrpc(client, method, request))
            : undefined;
          for (const [name, transport] of clients) {
            const what = `${name}: ${JSON.stringify(given)}`;
            if (expected === undefined) {
              // connect-web's own clients refuse to send it.
              if (!name.startsWith("connect-node")) continue;
              const { error } = await byConnect(transport, method, request);
              assert.equal(error?.code, 12, what);
              assert.match(
                error?.message ?? "",
                /HTTP\/1\.1 does not carry: call (?:Colorize|Upload|ModelInfer|the gRPC)/,
              );
              assert.match(error?.details.join() ?? "", /google\.rpc\.ErrorInfo/);
            } else {
              const found = comparable(await byConnect(transport, method, request));
              assert.deepEqual(found, expected, what);
            }
            compared++;
          }
        }
      });
    }
  } finally {
    client.close();
  }
  assert.ok(compared > 250, `${compared} calls were compared`);
});
