import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { encodePhoto } from "../../src/images/encode.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runTinct } from "./run_tinct.ts";

Deno.test("a training that its health pauses ends with a sentence, and --resume goes on", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  for (let index = 0; index < 8; index++) {
    const photo = { width: 32, height: 32, rgb: renderScene(index, { size: 32 }) };
    await writeFile(
      folder.join("photos", `${index}.png`),
      await encodePhoto(photo, { format: "png" }),
    );
  }
  const environment = {
    TINCT_CACHE: folder.join("cache"),
    TINCT_TENSORFLOW: dirname(libraryPath()),
  };
  const paths = ["--data", folder.join("photos"), "--out", folder.join("run")];
  const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2 --max-steps 30";
  const winning = "--lr-d 0.02 --lr-g 0 --winning-share 0.9 --winning-steps 5";
  const first = await runTinct(
    ["train", ...paths, ...`${small} ${winning} --on-discriminator-winning pause`.split(" ")],
    { environment },
  );
  assert.equal(first.code, 1, first.stderr);
  assert.match(
    first.stderr,
    /Step \d+: loss_D stayed under 0\.624 for 5 steps.*; training pauses\./,
  );
  assert.match(
    first.stderr,
    /Paused, with a checkpoint of step \d+ \(.*\): loss_D stayed .* Continue with: .* train .*--resume/,
  );
  const second = await runTinct(["train", ...paths, "--resume"], { environment });
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /^Trained 30 steps/m);
});
