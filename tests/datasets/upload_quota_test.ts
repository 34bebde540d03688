import assert from "assert";
import { UploadQuota } from "../../src/datasets/upload_quota.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const GIB = 2 ** 30;
const isFull = failsWith("resource_exhausted", /together may take 1 GiB/);

Deno.test("what other servers uploaded and deleted counts from the next upload on", async () => {
  let there = new Map([["theirs", GIB]]);
  const quota = new UploadQuota(1, () => Promise.resolve(there), { isShared: true });
  await quota.open("mine", 0);
  assert.throws(() => quota.reserve("mine", 1), isFull);
  there = new Map([["mine", 0]]); // another server has deleted it
  await quota.open("second", 0);
  quota.reserve("mine", GIB);
  assert.throws(() => quota.reserve("second", 1), isFull);
  await quota.open("third", 0);
  assert.throws(() => quota.reserve("third", 1), isFull, "what arrives here is known here best");
  quota.close("mine", 5);
  there = new Map([["theirs", GIB - 1]]);
  await quota.open("third", 0);
  quota.reserve("third", 1);
  assert.throws(() => quota.reserve("third", 2), isFull);
});

Deno.test("where the folder is one server's it is measured once", async () => {
  let count = 0;
  const quota = new UploadQuota(1, () => {
    count++;
    return count === 1 ? Promise.reject(new Error("away")) : Promise.resolve(new Map([["a", GIB]]));
  });
  await assert.rejects(quota.open("b", 0), /away/);
  for (const name of ["b", "c"]) {
    await quota.open(name, 0);
    assert.throws(() => quota.reserve(name, 1), isFull);
  }
  await quota.delete("a");
  quota.reserve("b", GIB);
  assert.equal(count, 2);
});
