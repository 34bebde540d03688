import assert from "assert";
import { mkdir, readFile } from "node:fs/promises";
import { credentials } from "@grpc/grpc-js";
import sharp from "sharp";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";

const contract = loadPublicContract();
const [width, height] = [10_470, 8211];

/** A job that has drawn a very large sheet, as trainings of many large photos once did. */
async function drawLargeSheet(folder: TemporaryFolder): Promise<void> {
  await mkdir(folder.join("jobs", "job-a", "samples"), { recursive: true });
  const path = "jobs/job-a/samples/step-00000003.png";
  const background = { r: 200, g: 180, b: 90 };
  await sharp({ create: { width, height, channels: 3, background } })
    .png({ compressionLevel: 1 }).toFile(folder.join(path));
  await using store = await openSqliteStore(folder.join("tinct.db"));
  await jobIn(store, "job-a", "RUNNING");
  const sample = { path, step: 3, format: "IMAGE_FORMAT_PNG", width, height, photos: 2 };
  await store.events.append("job-a", [{ kind: "sample", payload: { ...sample, sizeBytes: 9e6 } }]);
  await store.jobs.trigger("job-a", "succeeded");
}

Deno.test("watchers that ask for a huge sheet in ten sizes cost the server neither memory nor others' calls", async () => {
  await using folder = await TemporaryFolder.create();
  await drawLargeSheet(folder);
  await using served = await ServedProcess.start(folder.path, ["--min-free-mib", "0"], {
    TINCT_DEBUG: "1",
  });
  const colorization = contract.connect(
    "tinct.v1.ColorizationService",
    served.address,
    credentials.createInsecure(),
  );
  const jobs = contract.connect(
    "tinct.v1.TrainingJobService",
    served.address,
    credentials.createInsecure(),
  );
  const memoryMb = async (name: string) => {
    const status = await readFile(`/proc/${served.pid}/status`, "utf8");
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1000;
  };
  try {
    const before = await memoryMb("VmRSS");
    const watch = async (maxImagePixels: number) => {
      for await (
        const { sample } of receive(
          colorization.streamMetrics(
            { jobId: "job-a", maxImagePixels },
            { deadline: Date.now() + 120_000 },
          ),
        )
      ) {
        if (!sample) continue;
        assert.ok(sample.width * sample.height <= maxImagePixels);
        return sample.image.byteLength;
      }
      return 0;
    };
    const sizes = Array.from({ length: 10 }, (_, index) => 5_000_000 + 7001 * index);
    let isOver = false;
    const watching = Promise.all(sizes.map(watch)).finally(() => isOver = true);
    do {
      const deadline = Date.now() + 10_000; // such a call once waited for 25 s
      await answer<ListTrainingJobsResponse__Output>((back) =>
        jobs.listTrainingJobs({}, { deadline }, back)
      );
    } while (!isOver);
    // Where a machine is too busy to scale it in time, a watcher is told so instead.
    assert.ok((await watching).some((bytes) => bytes > 0), "watchers got their pictures");
    const grownMb = await memoryMb("VmHWM") - before;
    // The sheet's pixels are 258 MB. V8's young heap grows by up to 105 MB with any calls.
    assert.ok(grownMb < 150, `the server grew by ${grownMb.toFixed(0)} MB`);
  } finally {
    colorization.close();
    jobs.close();
  }
  assert.equal(await served.end("SIGTERM"), 0); // then all of its log is here
  const started = served.lines.filter(({ message }) => message === "A worker to scale starts.");
  assert.equal(started.length, 1);
});
