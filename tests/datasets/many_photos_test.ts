import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import type { GetDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/get_dataset_response.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { answer } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

const photos = 2500;
const corrupt = 1234;

/** A PNG of 8 x 8 pixels in colours that are no other photo's. */
function tinyPhoto(index: number): Buffer {
  const side = 8;
  const rows = Buffer.alloc(side * (1 + 3 * side)); // each begins with its filter: none
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = y * (1 + 3 * side) + 1 + 3 * x;
      rows.set([(index * 7 + 31 * x) % 256, (index >> 4) % 256, (index + 29 * y) % 256], at);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [["IHDR", header], ["IDAT", deflateSync(rows)], ["IEND", Buffer.alloc(0)]] as const;
  return Buffer.concat([signature, ...parts.map(([name, data]) => chunk(name, data))]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

const nameOf = (index: number) => `${String(index).padStart(5, "0")}.png`;

Deno.test("one corrupt photo among thousands is skipped and counted, in the report and in the job's log", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const folder = scene.join("photos", "many");
  await mkdir(folder);
  for (let index = 0; index < photos; index++) {
    const bytes = tinyPhoto(index);
    await writeFile(
      `${folder}/${nameOf(index)}`,
      index === corrupt ? bytes.subarray(0, 60) : bytes,
    );
  }
  const { report } = await answer<GetDatasetResponse__Output>((back) =>
    scene.datasets.getDataset({ dataset: "many" }, back)
  );
  assert.ok(report);
  assert.deepEqual(
    [report.photos, report.usablePhotos, report.brokenPhotos, report.grayPhotos],
    [photos, photos - 1, 1, 0],
  );
  assert.deepEqual(report.problems.map(({ fileName }) => fileName), [nameOf(corrupt)]);
  assert.match(report.problems[0]?.message ?? "", /^01234\.png is damaged or cut short/);

  const config = { ...smallConfig, maxSteps: 2, validateEvery: 0, sampleEvery: 0 };
  const { job } = await answer<TrainResponse__Output>((back) =>
    scene.colorization.train({ dataset: "many", config }, back)
  );
  const seen = await watchUntil(scene, { jobId: job?.jobId ?? "" }, () => false);
  assert.equal(stateOf(seen.at(-1)!), "SUCCEEDED");
  const logged = seen.flatMap(({ log }) => log ?? []);
  const [summary] = logged;
  assert.equal(summary?.message, "2499 of 2500 photos are trained on.");
  assert.deepEqual(summary?.fields, { photos: "2500", usable: "2499", skipped: "1", gray: "0" });
  const skipped = logged.filter(({ message }) => message.includes("skipped"));
  assert.equal(skipped.length, 1);
  assert.equal(skipped[0]?.level, "LOG_LEVEL_WARNING");
  assert.match(
    skipped[0]?.message ?? "",
    /^1 photo was skipped: 01234\.png is damaged or cut short/,
  );
});
