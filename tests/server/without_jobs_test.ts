import assert from "assert";
import {
  type Client,
  type ClientReadableStream,
  credentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { workerVariables } from "../../src/config.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import type { GetCapabilitiesResponse__Output } from "../../src/protocol/generated/tinct/v1/get_capabilities_response.ts";
import { loadPublicContract, type PublicService } from "../../src/protocol/contract.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../../src/protocol/status_details.ts";
import { version } from "../../src/version.ts";
import { openWorkforce, type Workforce } from "../../src/workforce.ts";
import { inTime } from "../in_time.ts";
import { newJob } from "../jobs/small_job.ts";
import { answer, Scene } from "../service/scene.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

const contract = loadPublicContract();

/** What a call with an empty request ends with, whatever its kind; undefined: with an answer. */
function errorOf(
  client: Client,
  method: {
    readonly path: string;
    readonly requestStream: boolean;
    readonly responseStream: boolean;
  },
): Promise<ServiceError | undefined> {
  const { path, requestStream, responseStream } = method;
  const write = () => Buffer.alloc(0), read = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    const ended = (error: ServiceError | null) => resolve(error ?? undefined);
    if (!responseStream) {
      if (!requestStream) client.makeUnaryRequest(path, write, read, {}, ended);
      else client.makeClientStreamRequest(path, write, read, ended).end({});
      return;
    }
    const listen = (call: ClientReadableStream<Buffer>) =>
      call.on("data", () => {}).on("error", ended).on("end", () => resolve(undefined));
    if (!requestStream) listen(client.makeServerStreamRequest(path, write, read, {}));
    else {
      const call = client.makeBidiStreamRequest(path, write, read);
      listen(call);
      call.end();
    }
  });
}

function reasonOf(error: ServiceError | undefined): string | undefined {
  const bytes = error?.metadata.get(STATUS_DETAILS_KEY)[0];
  return bytes instanceof Uint8Array
    ? decodeDetails(contract, Buffer.from(bytes)).reason
    : undefined;
}

Deno.test("with --jobs off a server refuses the calls that bring jobs, and no others", async () => {
  await using scene = await Scene.open({ jobs: "off" });
  const names = [
    "tinct.v1.ColorizationService",
    "tinct.v1.TrainingJobService",
    "tinct.v1.ModelService",
    "tinct.v1.DatasetService",
    "tinct.v1.SweepService",
    "tinct.v1.WeightsService",
    "inference.GRPCInferenceService",
  ] as const satisfies PublicService[];
  const refused: string[] = [];
  for (const name of names) {
    const client = contract.connect(name, scene.server.address, credentials.createInsecure());
    for (const method of Object.values(contract.service(name))) {
      const error = await inTime(errorOf(client, method), `${method.path} ends`);
      if (reasonOf(error) !== "JOBS_OFF") continue;
      refused.push(method.path);
      assert.equal(error?.code, 9, "FAILED_PRECONDITION");
      assert.equal(
        error?.details,
        "This server runs no jobs (--jobs off): ask a server that trains.",
      );
    }
    client.close();
  }
  assert.deepEqual(refused.sort(), [
    "/tinct.v1.ColorizationService/Train",
    "/tinct.v1.DatasetService/UploadDataset",
    "/tinct.v1.DatasetService/UploadPieces",
    "/tinct.v1.SweepService/CreateSweep",
    "/tinct.v1.TrainingJobService/ResumeTrainingJob",
    "/tinct.v1.WeightsService/UploadWeights",
  ]);
});

Deno.test("a workforce without jobs claims none, and has no device to measure a step on", async () => {
  const said: string[] = [];
  let workforce: Workforce | undefined;
  await using scene = await Scene.open({ jobs: "off" }, async (store, dataFolder) => {
    await store.jobs.create(newJob("job-waits"));
    return workforce = await openWorkforce({
      store,
      dataFolder,
      libraryPath: libraryPath(),
      datasetFolder: () => Promise.resolve(dataFolder),
      devices: [cpuDevice()],
      runsJobs: false,
      programVersion: version,
      environment: workerVariables(),
      log: ({ message }) => void said.push(message),
    });
  });
  const { devices } = await answer<GetCapabilitiesResponse__Output>((back) =>
    scene.jobs.getCapabilities({}, back)
  );
  assert.deepEqual(devices, []);
  const measured = workforce?.workbench.measure({ config: parseTrainingConfig({}), photos: 0 });
  await assert.rejects(async () => await measured, { kind: "JOBS_OFF" });
  workforce?.supervisor.wake();
  await scene.server.stop(); // and with it whatever would have begun
  assert.equal((await scene.store.jobs.get("job-waits")).state, "QUEUED");
  assert.deepEqual(said, []);
});
