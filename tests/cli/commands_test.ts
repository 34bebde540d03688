import assert from "assert";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { writeResnet } from "../checkpoints/torchvision_resnet.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";
import { assertProtoJson, types } from "./proto_json.ts";
import { drawClip, noFfmpeg } from "../video_files/test_ffmpeg.ts";
import { ServedProcess } from "../service/served_process.ts";
import { paintScenes } from "../service/workshop.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const small =
  "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2 --validation-photos 2";
const trial = {
  ...{ size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 1, batchSize: 2, maxSteps: 2 },
  ...{ validationPhotos: 2, sampleEvery: 0 },
};

/** Calls that no command makes. */
const withoutCommand: Readonly<Record<string, string>> = {
  "tinct.v1.ColorizationService/Colorize":
    "`colorize --server` takes ColorizeStream, which does the same for photos of any size",
  "tinct.v1.ColorizationService/ColorizeInPieces":
    "`colorize --server` takes ColorizeStream, which does the same for many photos",
  ...(noFfmpeg !== undefined &&
    { "tinct.v1.ColorizationService/ColorizeFrames": `\`video\` takes it, and ${noFfmpeg}` }),
  "tinct.v1.TrainingJobService/DownloadCheckpoint":
    "the job's page in the browser downloads; here the runs' folders are at hand",
  "tinct.v1.DatasetService/PreviewPhotos":
    "a terminal shows no pictures; the dataset's page in the browser does",
  "tinct.v1.DatasetService/UploadPieces":
    "`upload` takes UploadDataset, which does the same in one call",
};

/** Every call of Tinct's own services, as metrics name it. */
function callsOfContract(): string[] {
  const { nestedArray } = types.lookup("tinct.v1") as protobuf.Namespace;
  return nestedArray.flatMap((each) =>
    each instanceof protobuf.Service
      ? each.methodsArray.map(({ name }) => `${each.fullName.slice(1)}/${name}`)
      : []
  );
}

Deno.test("every call can be made by a command, and --json prints its answer", async (t) => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("data", "photos"), { recursive: true });
  await paintScenes(folder.join("data", "photos", "scenes"), 8);
  await using served = await ServedProcess.start(folder.join("data"), [
    ...["--threads", "1", "--metrics", "127.0.0.1:0"],
  ]);
  const metrics = served.lines.map((line) => line["metrics"]).find((each) => each !== undefined);
  const made = new Set<string>();
  const callsMade = async () => {
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    return new Map(
      [...text.matchAll(
        /^tinct_calls_total\{method="([^"]+)",code="OK",protocol="grpc"\} (\d+)$/gm,
      )]
        .map(([, method = "", count]) => [method, Number(count)]),
    );
  };
  /** Runs a command, which must make these calls and succeed. @returns what it printed. */
  const run = async (command: string, calls: readonly string[] = [], code = 0) => {
    const before = await callsMade();
    const argv = [...command.split(" "), "--server", served.address];
    const done = await runKeptTinct(argv);
    assert.equal(done.code, code, `${command}: ${done.stderr}`);
    const after = await callsMade();
    for (const name of calls) {
      const method = `tinct.v1.${name}`;
      assert.ok((after.get(method) ?? 0) > (before.get(method) ?? 0), `${command}: ${method}`);
      made.add(method);
    }
    return done;
  };
  /** The same with --json. @returns what it printed, which must be this message. */
  const json = async (
    command: string,
    calls: readonly string[],
    type: string,
    code = 0,
  ) => {
    const { stdout } = await run(`${command} --json`, calls, code);
    const value = JSON.parse(stdout);
    assertProtoJson(`tinct.v1.${type}`, value, [".nextPageToken"]);
    return value;
  };

  await t.step("datasets", async () => {
    const upload = `upload ${photos} --dataset mine`;
    await run(`${upload} --no-finish`, ["DatasetService/UploadDataset"]);
    const whole = await json(
      upload,
      ["DatasetService/UploadDataset", "DatasetService/ListDatasetFiles"],
      "UploadDatasetResponse",
    );
    assert.equal(whole.filesReceived, 0, "all were there already");
    const { datasets } = await json(
      "datasets",
      ["DatasetService/ListDatasets"],
      "ListDatasetsResponse",
    );
    assert.deepEqual(datasets.map(({ name }: { name: string }) => name), ["mine", "scenes"]);
    const { dataset, report } = await json(
      "datasets show mine",
      ["DatasetService/GetDataset"],
      "GetDatasetResponse",
    );
    assert.equal(dataset.photos, whole.dataset.photos);
    assert.equal(report.usablePhotos, whole.report.usablePhotos);
    const { files } = await json(
      "datasets files mine --limit 2",
      ["DatasetService/ListDatasetFiles"],
      "ListDatasetFilesResponse",
    );
    assert.equal(files.length, 2);
    const shown = await run("datasets show mine");
    assert.match(shown.stdout, new RegExp(`^ +usable +${report.usablePhotos}$`, "m"));
    assert.match(shown.stdout, /^ +left out +gray\.jpg: /m);
    const refused = await run("datasets delete mine", [], 2);
    assert.match(refused.stderr, /^There is no terminal .* give --yes .*\.\n$/);
    await json(
      "datasets delete mine --yes",
      ["DatasetService/DeleteDataset"],
      "DeleteDatasetResponse",
    );
    const left = await run("datasets");
    assert.match(left.stdout, /^scenes +READY +folder +8 photos [^\n]+\n$/);
  });

  await t.step("weights", async () => {
    const file = folder.join("resnet18.safetensors");
    await writeResnet(file, "resnet18");
    const upload = `weights upload ${file} --name mine`;
    const sent = await json(upload, ["WeightsService/UploadWeights"], "UploadWeightsResponse");
    assert.equal(sent.weights.network, "WEIGHTS_NETWORK_RESNET18");
    const again = await run(upload, ["WeightsService/UploadWeights"]);
    assert.match(again.stdout, /^mine {2}READY {2}resnet18, 2 wide {2}[^\n]+\n$/);
    await json("weights", ["WeightsService/ListWeights"], "ListWeightsResponse");
    await json("weights show mine", ["WeightsService/GetWeights"], "GetWeightsResponse");
    const shown = await run("weights show mine");
    assert.match(shown.stdout, /^ +sees +colours$/m);
    const tried = await run(
      "submit --dry-run --generator resnet18 --size 64 --encoder-weights mine",
      ["TrainingJobService/ValidateTrainingConfig"],
      1,
    );
    assert.match(tried.stdout, /--encoder-weights are 2 channels wide, and config\.ngf is 64\./);
    await json(
      "weights delete mine --yes",
      ["WeightsService/DeleteWeights"],
      "DeleteWeightsResponse",
    );
  });

  let jobId = "";
  await t.step("jobs", async () => {
    const submit = `submit --dataset scenes ${small} --max-steps 2 --label team=archive`;
    const tried = await json(
      `submit --dry-run --dataset scenes ${small}`,
      ["TrainingJobService/ValidateTrainingConfig"],
      "ValidateTrainingConfigResponse",
    );
    assert.equal(tried.valid, true);
    const done = await run(`${submit} --watch --json`, [
      ...["ColorizationService/Train", "ColorizationService/StreamMetrics"],
    ]);
    const [first = "", ...events] = done.stdout.trimEnd().split("\n");
    const answer = JSON.parse(first);
    assertProtoJson("tinct.v1.TrainResponse", answer);
    jobId = answer.job.jobId;
    for (const line of events) {
      assertProtoJson("tinct.v1.StreamMetricsResponse", JSON.parse(line), [".sample.image"]);
    }
    assert.equal(JSON.parse(events.at(-1) ?? "").state.to, "JOB_STATE_SUCCEEDED");

    const list = "ListTrainingJobsResponse";
    const listing = ["TrainingJobService/ListTrainingJobs"];
    const count = async (filter: string) =>
      (await json(`jobs ${filter}`, listing, list)).jobs.length;
    assert.equal(await count("--label team=archive --state succeeded,failed"), 1);
    assert.equal(await count("--label team=other"), 0);
    assert.equal(await count("--state queued --state running"), 0);
    const { job } = await json(
      `job ${jobId}`,
      ["TrainingJobService/GetTrainingJob"],
      "GetTrainingJobResponse",
    );
    assert.equal(job.config.ganMode, "GAN_MODE_VANILLA");
    const shown = await run(`job ${jobId}`, ["TrainingJobService/GetCapabilities"]);
    // What was given above, and no other option.
    assert.equal(
      /^ +options +([^]*)$/m.exec(shown.stdout)?.[1]?.split(/\s+/).filter((word) => word !== "")
        .join(
          " ",
        ),
      "--size 32 --batch-size 2 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --max-steps 2 " +
        "--validation-photos 2",
    );
    const { checkpoints } = await json(
      `checkpoints ${jobId}`,
      ["TrainingJobService/ListCheckpoints"],
      "ListCheckpointsResponse",
    );
    assert.deepEqual(checkpoints.map(({ step }: { step: number }) => step), [2]);
    await json("capabilities", ["TrainingJobService/GetCapabilities"], "GetCapabilitiesResponse");
    assert.deepEqual(JSON.parse((await run("health --json")).stdout), { status: "SERVING" });
  });

  await t.step("jobs that wait and run", async () => {
    const endless = `submit --dataset scenes ${small} --max-steps 1000000`;
    const running = (await run(endless)).stdout.trim();
    const waiting = (await json(endless, [], "TrainResponse")).job.jobId;
    const service = "TrainingJobService";
    await json(`pause ${waiting}`, [`${service}/PauseTrainingJob`], "PauseTrainingJobResponse");
    await json(`resume ${waiting}`, [`${service}/ResumeTrainingJob`], "ResumeTrainingJobResponse");
    await json(`cancel ${waiting}`, [`${service}/CancelTrainingJob`], "CancelTrainingJobResponse");
    const watched = await run(`watch ${waiting}`, [], 1);
    assert.match(watched.stdout, /\nCANCELLED[^\n]*\n$/, "a cancelled job is no success");
    const past = await run(`watch ${waiting} --from 5`, [], 1);
    assert.equal(past.stdout, "", "the exit code is the job's, with nothing left to see, too");
    await json(
      `delete ${waiting} --yes`,
      [`${service}/DeleteTrainingJob`],
      "DeleteTrainingJobResponse",
    );
    await run(`cancel ${running}`);
    await run(`watch ${running}`, [], 1);
  });

  await t.step("models", async () => {
    await json(
      `promote ${jobId} --name roses`,
      ["ModelService/PromoteCheckpoint"],
      "PromoteCheckpointResponse",
    );
    await json("models", ["ModelService/ListModels"], "ListModelsResponse");
    await json("models show roses", ["ModelService/GetModel"], "GetModelResponse");
    const output = folder.join("exports");
    await run(`export --model roses --out ${output} --json`, ["ModelService/ExportModel"]);
    await copyFile(join(photos, "cat.jpg"), folder.join("cat.jpg"));
    await run(
      `colorize --model roses ${folder.join("cat.jpg")} --out ${folder.join("out")}`,
      ["ColorizationService/ColorizeStream"],
    );
    assert.ok((await readFile(folder.join("out", "cat.jpg"))).length > 1000);
    if (noFfmpeg === undefined) {
      const [clip, made] = [folder.join("clip.mkv"), folder.join("made.mkv")];
      drawClip(clip);
      await run(`video --model roses ${clip} ${made}`, ["ColorizationService/ColorizeFrames"]);
      assert.ok((await readFile(made)).length > 1000);
    }
    const gone = await json(
      "models delete roses --yes",
      ["ModelService/DeleteModel"],
      "DeleteModelResponse",
    );
    assert.equal(gone.versions, 1);
  });

  await t.step("imported models", async () => {
    const url = new URL("../testdata/imported/ddcolor.external.onnx", import.meta.url);
    const made = await json(
      `import ${fileURLToPath(url)} --name foreign`,
      ["ModelService/ImportModel"],
      "ImportModelResponse",
    );
    assert.equal(made.model.imported.profileName, "ddcolor");
    const listed = await run("models");
    assert.match(listed.stdout, /^foreign {2}version 1 {2}imported {2}ddcolor, 64 x 64 pixels {2}/);
    const shown = await run("models show foreign");
    assert.match(shown.stdout, /^ +file +ddcolor\.external\.onnx$/m);
    await copyFile(join(photos, "cat.jpg"), folder.join("cat.jpg"));
    await run(
      `colorize --model foreign ${folder.join("cat.jpg")} --out ${folder.join("out-foreign")}`,
      ["ColorizationService/ColorizeStream"],
    );
    await run("models delete foreign --yes");
  });

  await t.step("sweeps", async () => {
    const file = folder.join("sweep.json");
    const spec = {
      dataset: "scenes",
      trials: 1,
      config: trial,
      parameters: { lambdaL1: [10, 20] },
    };
    await writeFile(file, JSON.stringify(spec));
    await run(`sweep ${file}`, ["SweepService/CreateSweep", "SweepService/WatchSweep"]);
    const { sweeps: [first] } = await json(
      "sweeps",
      ["SweepService/ListSweeps"],
      "ListSweepsResponse",
    );
    const { sweep } = await json(
      `sweeps show ${first.sweepId}`,
      ["SweepService/GetSweep"],
      "GetSweepResponse",
    );
    assert.equal(sweep.trials.length, 1);
    await json(
      `sweeps delete ${first.sweepId} --yes`,
      ["SweepService/DeleteSweep"],
      "DeleteSweepResponse",
    );
    await writeFile(file, JSON.stringify({ ...spec, config: { ...trial, maxSteps: 1_000_000 } }));
    const following = runTinct([
      "sweep",
      file,
      "--server",
      served.address,
      "--out",
      folder.join("s"),
    ], {
      interruptAt: /0 of 1 trials measured/,
    });
    assert.equal((await following).code, 130);
    const { sweeps: [second] } = await json("sweeps", [], "ListSweepsResponse");
    const { sweep: cancelled } = await json(
      `sweeps cancel ${second.sweepId}`,
      ["SweepService/CancelSweep"],
      "CancelSweepResponse",
    );
    assert.equal(cancelled.state, "SWEEP_STATE_CANCELLED");
  });

  await t.step("what is not among them has its reason", () => {
    const all = callsOfContract();
    assert.ok(all.length >= 28, "the contract was read");
    const missing = all.filter((call) => !made.has(call) && !(call in withoutCommand));
    assert.deepEqual(missing, []);
    assert.deepEqual(Object.keys(withoutCommand).filter((call) => made.has(call)), []);
  });
});
