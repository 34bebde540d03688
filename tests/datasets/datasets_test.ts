import assert from "assert";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatasetReport__Output } from "../../src/protocol/generated/tinct/v1/dataset_report.ts";
import type { GetDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/get_dataset_response.ts";
import type { ListDatasetsRequest } from "../../src/protocol/generated/tinct/v1/list_datasets_request.ts";
import type { ListDatasetsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_datasets_response.ts";
import type { UploadDatasetRequest } from "../../src/protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_dataset_response.ts";
import { send } from "../../src/protocol/send.ts";
import { photoBytes } from "../images/test_photos.ts";
import { answer, ending, type Scene } from "../service/scene.ts";
import { openWorkingScene, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

/** Two photos to train on, two gray ones, one that breaks off and one that is none. */
async function mixedPhotos(): Promise<Map<string, Uint8Array>> {
  return new Map<string, Uint8Array>([
    ["album/cat.jpg", await photoBytes("cat.jpg")], // 451x300
    ["broken.png", (await photoBytes("coffee.png")).subarray(0, 5000)],
    ["gray.jpg", await photoBytes("gray.jpg")], // 451x300
    ["gray16.png", await photoBytes("gray16.png")], // 200x200
    ["letter.jpg", new TextEncoder().encode("Dear server, this is no photo.")],
    ["rocket.jpg", await photoBytes("rocket.jpg")], // 640x427
  ]);
}

const sizeOf = (files: ReadonlyMap<string, Uint8Array>) =>
  [...files.values()].reduce((sum, { length }) => sum + length, 0);

/** What a look at `mixedPhotos` must find, by their dimensions and contents. */
function assertReport(report: DatasetReport__Output | null, sizeBytes: number): void {
  assert.ok(report);
  const { photos, usablePhotos, grayPhotos, brokenPhotos, minSide, maxSide } = report;
  assert.deepEqual([photos, usablePhotos, grayPhotos, brokenPhotos], [6, 2, 2, 2]);
  assert.deepEqual([report.sizeBytes, minSide, maxSide], [sizeBytes, 200, 640]);
  const problems = report.problems.map(({ fileName, kind }) => [
    fileName,
    kind.replace("PHOTO_PROBLEM_KIND_", ""),
  ]);
  assert.deepEqual(problems, [
    ["broken.png", "BROKEN"],
    ["gray.jpg", "GRAY"],
    ["gray16.png", "GRAY"],
    ["letter.jpg", "BROKEN"],
  ]);
  for (const { fileName, message } of report.problems) assert.ok(message.startsWith(fileName));
  assert.ok(Math.abs(Number(report.scanTime?.seconds) * 1000 - Date.now()) < 600_000);
  const bySide = report.sides.reduce((sum, side) => sum + side.photos, 0);
  assert.deepEqual([bySide, report.smallSide, report.smallPhotos], [2, 256, 0]);
  assert.equal(report.duplicatePhotos, 0);
}

function upload(
  scene: Scene,
  dataset: string,
  files: ReadonlyMap<string, Uint8Array>,
  { finish }: { finish: boolean },
): Promise<UploadDatasetResponse__Output> {
  const messages: UploadDatasetRequest[] = [
    { start: { dataset } },
    ...[...files].map(([fileName, data]) => ({ piece: { fileName, data, last: true } })),
    ...(finish ? [{ finish: {} }] : []),
  ];
  return answer<UploadDatasetResponse__Output>((back) => {
    const call = scene.datasets.uploadDataset(back);
    const sending = async () => {
      for (const message of messages) await send(call, message);
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}

const get = (scene: Scene, dataset: string) =>
  answer<GetDatasetResponse__Output>((back) => scene.datasets.getDataset({ dataset }, back));
const list = (scene: Scene, page: ListDatasetsRequest = {}) =>
  answer<ListDatasetsResponse__Output>((back) => scene.datasets.listDatasets(page, back));

Deno.test("datasets: what a real look at them finds, their list, and their end", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const files = await mixedPhotos();
  const sizeBytes = sizeOf(files);
  for (const [name, bytes] of files) {
    const path = scene.join("photos", "placed", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }

  await t.step("GetDataset of a folder that someone put there looks at its photos", async () => {
    const { dataset, report } = await get(scene, "placed");
    assert.deepEqual(dataset, {
      name: "placed",
      state: "DATASET_STATE_READY",
      source: "DATASET_SOURCE_FOLDER",
      photos: 6,
      sizeBytes,
      createTime: null,
      updateTime: null,
    });
    assertReport(report, sizeBytes);
  });

  await t.step(
    "GetDataset of an upload: its files so far, then the report of its end",
    async () => {
      const some = new Map([...files].slice(0, 2));
      await upload(scene, "sent", some, { finish: false });
      const begun = await get(scene, "sent");
      const { state, photos } = begun.dataset!;
      assert.deepEqual([state, photos], ["DATASET_STATE_UPLOADING", 2]);
      assert.equal(begun.dataset?.sizeBytes, sizeOf(some));
      assert.equal(begun.report, null);
      const sent = await upload(scene, "sent", new Map([...files].slice(2)), { finish: true });
      assert.equal(sent.filesReceived, 4);
      assertReport(sent.report, sizeBytes);
      const { dataset, report } = await get(scene, "sent");
      assert.deepEqual(dataset, sent.dataset);
      assert.equal(dataset?.state, "DATASET_STATE_READY");
      assert.deepEqual([dataset?.photos, dataset?.sizeBytes], [6, sizeBytes]);
      assert.deepEqual(report, sent.report);
    },
  );

  await t.step("an upload without a photo to train on stays open, and says why", async () => {
    const gray = new Map([...files].filter(([name]) => /^(gray|broken)/.test(name)));
    const ended = await upload(scene, "gray", gray, { finish: true }).catch(String);
    assert.match(
      String(ended),
      /FAILED_PRECONDITION: .* \(of 3 files 1 file is broken and 2 photos are gray\); add colour/,
    );
    assert.equal((await get(scene, "gray")).dataset?.state, "DATASET_STATE_UPLOADING");
  });

  await t.step("ListDatasets lists both kinds by name, in pages", async () => {
    const { datasets, nextPageToken } = await list(scene);
    assert.deepEqual(
      datasets.map((
        { name, source, photos },
      ) => [name, source.replace("DATASET_SOURCE_", ""), photos]),
      [
        ["gray", "UPLOAD", 3],
        ["meadow", "FOLDER", 0],
        ["placed", "FOLDER", 6],
        ["scenes", "FOLDER", 8],
        ["sent", "UPLOAD", 6],
      ],
    );
    assert.equal(nextPageToken, "");
    const paged: string[] = [];
    for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages++) {
      const page = await list(scene, { pageSize: 2, pageToken });
      assert.equal(page.datasets.length, pages < 2 ? 2 : 1);
      paged.push(...page.datasets.map(({ name }) => name));
      pageToken = page.nextPageToken;
    }
    assert.deepEqual(paged, datasets.map(({ name }) => name));
  });

  await t.step("an upload is trained on without its gray and broken photos", async () => {
    const { job } = await answer<{ job: { jobId: string } | null }>((back) =>
      scene.colorization.train({
        dataset: "sent",
        config: { ...smallConfig, validationFraction: 0, validateEvery: 0, maxSteps: 1 },
      }, back)
    );
    const seen = await watchUntil(scene, { jobId: job?.jobId ?? "" }, () => false);
    assert.equal(seen.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED", seen.at(-1)?.state?.message ?? "");
    const lines = seen.flatMap(({ log }) => log?.message ?? []);
    assert.ok(lines.includes("2 of 6 photos are trained on."), lines.join("\n"));
  });

  await t.step("a job tells once of pictures whose formats are not read", async () => {
    await writeFile(scene.join("photos", "placed", "trip.heic"), "");
    const config = { ...smallConfig, validationFraction: 0, validateEvery: 0, maxSteps: 1 };
    const { job } = await answer<{ job: { jobId: string } | null }>((back) =>
      scene.colorization.train({ dataset: "placed", config }, back)
    );
    const seen = await watchUntil(scene, { jobId: job?.jobId ?? "" }, () => false);
    assert.equal(seen.at(-1)?.state?.to, "JOB_STATE_SUCCEEDED", seen.at(-1)?.state?.message ?? "");
    const told = seen.flatMap(({ log }) => log?.message ?? [])
      .filter((line) => line.includes("HEIC"));
    assert.deepEqual(told, [
      "1 picture is left out (1 HEIC): Tinct reads JPEG, PNG, WebP, TIFF, GIF and AVIF.",
    ]);
  });

  await t.step("DeleteDataset removes an upload whole, and its name is free again", async () => {
    await answer((back) => scene.datasets.deleteDataset({ dataset: "sent" }, back));
    assert.equal(existsSync(scene.join("datasets", "sent")), false);
    assert.deepEqual(await readdir(scene.join("datasets")), ["gray"]);
    const gone = await ending((back) => scene.datasets.getDataset({ dataset: "sent" }, back));
    assert.ok("error" in gone && gone.error.code === "NOT_FOUND");
    const names = (await list(scene)).datasets.map(({ name }) => name);
    assert.deepEqual(names, ["gray", "meadow", "placed", "scenes"]);
    const again = await upload(scene, "sent", new Map([...files].slice(0, 1)), { finish: true });
    assert.equal(again.dataset?.photos, 1, "nothing of the first one is left");
  });
});
