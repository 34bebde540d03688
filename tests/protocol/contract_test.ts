import assert from "assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import {
  loadPublicContract,
  loadWorkerContract,
  type PublicService,
  readContractImage,
} from "../../src/protocol/contract.ts";

/** Every call: "u" unary, "s" the answer streams, "c" the request does, "b" both do. */
const calls: Readonly<Record<PublicService, Readonly<Record<string, "u" | "s" | "c" | "b">>>> = {
  "tinct.v1.ColorizationService": {
    Train: "u",
    StreamMetrics: "s",
    Colorize: "u",
    ColorizeStream: "b",
    ColorizeInPieces: "s",
    ColorizeFrames: "b",
  },
  "tinct.v1.TrainingJobService": {
    GetTrainingJob: "u",
    ListTrainingJobs: "u",
    CancelTrainingJob: "u",
    PauseTrainingJob: "u",
    ResumeTrainingJob: "u",
    DeleteTrainingJob: "u",
    ListCheckpoints: "u",
    DownloadCheckpoint: "s",
    ValidateTrainingConfig: "u",
    GetCapabilities: "u",
  },
  "tinct.v1.ModelService": {
    ListModels: "u",
    GetModel: "u",
    PromoteCheckpoint: "u",
    ImportModel: "c",
    ExportModel: "s",
    DeleteModel: "u",
  },
  "tinct.v1.DatasetService": {
    UploadDataset: "c",
    UploadPieces: "u",
    ListDatasetFiles: "u",
    PreviewPhotos: "u",
    ListDatasets: "u",
    GetDataset: "u",
    DeleteDataset: "u",
  },
  "tinct.v1.SweepService": {
    CreateSweep: "u",
    GetSweep: "u",
    WatchSweep: "s",
    ListSweeps: "u",
    CancelSweep: "u",
    DeleteSweep: "u",
  },
  "tinct.v1.WeightsService": {
    UploadWeights: "c",
    ListWeights: "u",
    GetWeights: "u",
    DeleteWeights: "u",
  },
  "inference.GRPCInferenceService": {
    ServerLive: "u",
    ServerReady: "u",
    ModelReady: "u",
    ServerMetadata: "u",
    ModelMetadata: "u",
    ModelInfer: "u",
    ModelStreamInfer: "b",
    RepositoryIndex: "u",
    RepositoryModelLoad: "u",
    RepositoryModelUnload: "u",
  },
  "grpc.health.v1.Health": { Check: "u", Watch: "s" },
  "grpc.reflection.v1.ServerReflection": { ServerReflectionInfo: "b" },
};

const contract = loadPublicContract();

for (const [name, expected] of Object.entries(calls)) {
  Deno.test(`${name} has the calls that clients are promised`, () => {
    const service = contract.service(name as PublicService);
    const kinds = Object.values(service).map(({ path, requestStream, responseStream }) => {
      const kind = requestStream ? (responseStream ? "b" : "c") : responseStream ? "s" : "u";
      return [path, kind];
    });
    const promised = Object.entries(expected).map(([call, kind]) => [`/${name}/${call}`, kind]);
    assert.deepEqual(new Map(kinds as [string, string][]), new Map(promised as [string, string][]));
  });
}

Deno.test("workers have one call, which streams both ways", () => {
  const { Work } = loadWorkerContract().service("tinct.worker.v1.WorkerService");
  assert.deepEqual([Work.requestStream, Work.responseStream], [true, true]);
});

Deno.test("what was not loaded is refused", () => {
  const worker = loadWorkerContract();
  assert.throws(() => worker.message("google.rpc.Status"), TypeError);
});

Deno.test("64-bit numbers come out as numbers, and unsafe ones can be told", () => {
  const { requestSerialize, requestDeserialize } = contract
    .service("tinct.v1.ColorizationService").StreamMetrics;
  const through = (fromSequence: number | string) =>
    requestDeserialize(requestSerialize({ fromSequence })).fromSequence;
  assert.equal(through(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  assert.equal(through(-1), -1);
  assert.equal(Number.isSafeInteger(through("9223372036854775807")), false);
});

Deno.test("the contract's image has every field and value (else: deno task protos)", () => {
  const folder = fileURLToPath(new URL("../../protos/", import.meta.url));
  const protos = new protobuf.Root();
  protos.resolvePath = (_origin, target) => join(folder, target);
  const files = readdirSync(join(folder, "tinct/v1")).map((name) => `tinct/v1/${name}`);
  protos.loadSync(files, { keepCase: true });

  const expected = new Map<string, string[]>();
  const walk = (namespace: protobuf.NamespaceBase) => {
    for (const each of namespace.nestedArray) {
      if (each instanceof protobuf.Type) {
        expected.set(each.name, each.fieldsArray.map(({ name, id }) => `${name} = ${id}`).sort());
      } else if (each instanceof protobuf.Enum) {
        const values = Object.entries(each.values);
        expected.set(each.name, values.map(([name, id]) => `${name} = ${id}`).sort());
      }
      if (each instanceof protobuf.Namespace) walk(each);
    }
  };
  walk(protos.lookup("tinct.v1") as protobuf.Namespace);

  const image = descriptor.FileDescriptorSet.decode(readContractImage());
  const { file: imageFiles } = image.toJSON() as descriptor.IFileDescriptorSet;
  const found = new Map<string, string[]>();
  for (const file of imageFiles) {
    if (file.package !== "tinct.v1") continue;
    for (const { name, field } of file.messageType ?? []) {
      found.set(name ?? "", (field ?? []).map(({ name, number }) => `${name} = ${number}`).sort());
    }
    for (const { name, value } of file.enumType ?? []) {
      found.set(name ?? "", (value ?? []).map(({ name, number }) => `${name} = ${number}`).sort());
    }
  }
  const byName = ([a]: [string, unknown], [b]: [string, unknown]) => a < b ? -1 : 1;
  assert.deepEqual([...found].sort(byName), [...expected].sort(byName));
});
