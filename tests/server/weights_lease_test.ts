import assert from "assert";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { pauseUnlessAborted } from "../../src/abort.ts";
import { TinctError } from "../../src/errors.ts";
import type { DeleteWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/delete_weights_response.ts";
import type { UploadWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_weights_response.ts";
import { send } from "../../src/protocol/send.ts";
import { WeightsFiles } from "../../src/weights/weights_files.ts";
import { writeResnet } from "../checkpoints/torchvision_resnet.ts";
import { ending, Scene } from "../service/scene.ts";

Deno.test("weights whose lease is lost between two pieces, or before their removal, stay as they are", async () => {
  await using scene = await Scene.open();
  // As PostgreSQL is; the leases of SQLite's store work as its do.
  Object.assign(scene.store, { isShared: true });
  await writeResnet(scene.join("sent.safetensors"), "resnet18");
  const file = await readFile(scene.join("sent.safetensors"));
  const path = scene.join("weights", "mine", "unfinished");
  let cut = false;
  const lost = ending<UploadWeightsResponse__Output>((back) => {
    const call = scene.weights.uploadWeights(back);
    const sending = async () => {
      const sha256 = createHash("sha256").update(file).digest();
      await send(call, { start: { name: "mine", sizeBytes: file.length, sha256, offset: 0 } });
      await send(call, { data: file.subarray(0, 1000) });
      for await (const { sizeBytes } of sizesOf(path)) if (sizeBytes === 1000) break;
      using _later = later();
      cut = true;
      await send(call, { data: file.subarray(1000) });
      call.end();
      await lost;
    };
    sending().catch(() => {}); // the call's own error says more
  });
  const ended = await lost;
  assert.ok(cut && "error" in ended, JSON.stringify(ended));
  assert.equal(ended.error.code, "UNAVAILABLE");
  assert.match(ended.error.message, /another server may have gone on with this/);
  assert.equal((await stat(path)).size, 1000, "nothing is written after the loss");

  {
    using _always = later({ isAtEveryLook: true });
    const removal = await ending<DeleteWeightsResponse__Output>((back) =>
      scene.weights.deleteWeights({ name: "mine" }, back)
    );
    assert.ok("error" in removal && removal.error.code === "UNAVAILABLE", JSON.stringify(removal));
  }
  assert.equal((await stat(path)).size, 1000);

  const weights = await WeightsFiles.open(scene.join("."));
  const { signal } = new AbortController();
  for (const content of [file, Buffer.from("what another server has begun anew")]) {
    await writeFile(path, content);
    const mayChange = () => {
      throw new TinctError("unavailable", "lost");
    };
    const sha256 = createHash("sha256").update(file).digest("hex");
    await assert.rejects(weights.keep("mine", sha256, { mayChange, signal }), /^TinctError: lost/);
    assert.deepEqual(await readdir(scene.join("weights", "mine")), ["unfinished"]);
    assert.deepEqual(await readFile(path), content);
  }
});

/** The clock as after a stop of 40 s, longer than a lease lasts; or after one before each look at it. */
function later({ isAtEveryLook = false }: { readonly isAtEveryLook?: boolean } = {}): Disposable {
  const { now } = performance;
  let stopMs = 40_000;
  performance.now = () => now.call(performance) + (isAtEveryLook ? stopMs += 40_000 : stopMs);
  return {
    [Symbol.dispose]: () => {
      performance.now = now;
    },
  };
}

/** How large a file is, again and again. */
async function* sizesOf(path: string): AsyncGenerator<{ readonly sizeBytes: number }> {
  const { signal } = new AbortController();
  do yield { sizeBytes: (await stat(path).catch(() => undefined))?.size ?? 0 }; while (
    await pauseUnlessAborted(10, signal)
  );
}
