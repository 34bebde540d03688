import assert from "assert";
import { writeFile } from "node:fs/promises";
import { encodePhoto } from "../../src/images/encode.ts";
import { emptyScans } from "../hostile/hostile_photos.ts";
import { smallConfig, Workshop } from "../service/workshop.ts";

Deno.test("a server's limits of photos reach its datasets: looking at them, preparing, training", async () => {
  await using workshop = await Workshop.open({ maxPhotoPixels: 50e6, maxDecodeMs: 100 });
  const { workbench, folder } = workshop;
  const rgb = new Uint8Array(64 * 64 * 3).map((_, at) => at % 3 * 100);
  const wide = await encodePhoto({ width: 64, height: 64, rgb }, { format: "png" });
  await writeFile(folder.join("scenes", "wide.png"), wide);
  await writeFile(folder.join("scenes", "slow.jpg"), emptyScans(99));
  const report = await workbench.inspect(folder.join("scenes"));
  assert.deepEqual([report.photos, report.usablePhotos, report.brokenPhotos], [10, 9, 1]);
  assert.match(
    report.problems[0]?.message ?? "",
    /^slow\.jpg takes more than 0\.1 s of processor time to decode/,
  );

  await workshop.submit("job", smallConfig);
  const history = await workshop.history("job");
  assert.equal(history.at(-1)?.payload["to"], "SUCCEEDED");
  const told = history.filter(({ kind }) => kind === "log").map(({ payload }) =>
    payload["message"]
  );
  assert.ok(told.includes("9 of 10 photos are trained on."), JSON.stringify(told));
  assert.ok(
    told.some((message) => /^1 photo was skipped: slow\.jpg takes more than/.test(`${message}`)),
    JSON.stringify(told),
  );
});

Deno.test("a server's limit of pixels reaches its datasets", async () => {
  await using workshop = await Workshop.open({ maxPhotoPixels: 32 * 32 - 1 });
  const report = await workshop.workbench.inspect(workshop.folder.join("scenes"));
  assert.deepEqual([report.photos, report.usablePhotos, report.brokenPhotos], [8, 0, 8]);
  assert.match(report.problems[0]?.message ?? "", /claims 32 x 32 .* over the limit of 1,023 and/);
});
