import assert from "assert";
import { truncateSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { ServiceClient } from "../../src/client/service_client.ts";
import { uploadWeights } from "../../src/client/upload_weights.ts";
import { MAX_PIECE_BYTES } from "../../src/protocol/pieces.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { inTime } from "../in_time.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { Scene } from "../service/scene.ts";

Deno.test("the upload of a file that is cut short while it is sent ends", async () => {
  await using scene = await Scene.open();
  const path = scene.join("shrinking.pth");
  await writeFile(path, new Uint8Array(3 * MAX_PIECE_BYTES));
  using client = new ServiceClient({ server: scene.server.address }, { token: undefined });
  const { signal } = new AbortController();
  const onProgress = () => truncateSync(path, MAX_PIECE_BYTES);
  await inTime(
    assert.rejects(
      uploadWeights(client, { name: "shrinking", path, signal, onProgress }),
      failsWith("data_loss", /shrinking\.pth ends at byte 1048576: it was cut short/),
    ),
    "the upload ends",
  );
});

Deno.test("what a server would refuse of a job is told before the generator that it begins with is sent", async () => {
  await using scene = await Scene.open();
  const submit = (...options: readonly string[]) =>
    runKeptTinct([
      ...[
        "submit",
        "--server",
        scene.server.address,
        "--size",
        "32",
        "--generator",
        "ddcolor-tiny",
      ],
      ...["--start-from", pthPath("ddcolor_tiny.pth"), ...options],
    ]);
  const resnet = ["--generator", "resnet18", "--start-from", pthPath("res18-unet.pt")];
  const seeing = ["--dataset", "meadow", "--lambda-perceptual", "5"];
  const wrong: readonly [options: readonly string[], says: RegExp][] = [
    [["--dataset", "gone"], /--dataset cannot be used: .*\bgone\b/],
    [
      [...seeing, "--perceptual-weights", "none"],
      /--perceptual-weights cannot be used: .*\bnone\b/,
    ],
    [
      [...seeing, ...resnet, "--perceptual", "encoder"],
      /--perceptual encoder does not go with --start-from FILE: .* sees lightness alone/,
    ],
  ];
  for (const [options, says] of wrong) {
    const refused = await submit(...options);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, says);
    assert.deepEqual(await readdir(scene.join("weights")), []);
  }
});
