import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { lockFolder } from "../../src/files/folder_lock.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("lockFolder() lets one in at a time, and gives up in the end", async () => {
  await using folder = await TemporaryFolder.create();
  const first = await lockFolder(folder.path);
  await assert.rejects(lockFolder(folder.path, { giveUpMs: 0 }), (error) => {
    assert.ok(error instanceof TinctError, String(error));
    assert.equal(error.code, "unavailable");
    assert.match(error.message, /^Another process has been changing a file in .* for 0 s: /);
    return true;
  });
  const second = lockFolder(folder.path, { onWait: () => first[Symbol.dispose]() });
  (await second)[Symbol.dispose]();
});

Deno.test("lockFolder() ends at its signal with the signal's reason", async () => {
  await using folder = await TemporaryFolder.create();
  using _first = await lockFolder(folder.path);
  const reason = new Error("enough");
  const controller = new AbortController();
  const second = lockFolder(folder.path, {
    signal: controller.signal,
    onWait: () => controller.abort(reason),
  });
  await assert.rejects(second, reason);
});
