import assert from "assert";
import { truncateSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { ServiceClient } from "../../src/client/service_client.ts";
import { uploadWeights } from "../../src/client/upload_weights.ts";
import { MAX_PIECE_BYTES } from "../../src/protocol/pieces.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { inTime } from "../in_time.ts";
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
