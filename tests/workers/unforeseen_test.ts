import assert from "assert";
import type { TinctError } from "../../src/errors.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { openLog } from "../../src/log/log.ts";
import { StatusMapper } from "../../src/calls/status.ts";
import { readPhoto, smallConfig, Workshop } from "../service/workshop.ts";

Deno.test("of a worker's unforeseen error a client gets a reference, and the log the cause, once", async () => {
  await using workshop = await Workshop.open();
  await workshop.submit("job", smallConfig);
  await workshop.history("job");
  // The server checks what clients ask for; past that check the encoder throws a RangeError.
  const photo = workshop.colorizing.colorize(await readPhoto("cat.jpg"), {
    model: { jobId: "job" },
    quality: 500,
    maxSide: 32,
  });
  const error: TinctError = await photo.then(
    () => assert.fail("it was painted"),
    (thrown) => thrown,
  );
  assert.equal(error.code, "internal");
  const [, reference] = /^Something went wrong in a worker; .* reference (\w{10})\.$/
    .exec(error.message) ?? [];
  assert.ok(reference, error.message);

  const told = workshop.log.filter(({ error }) => `${error}`.includes("quality is an integer"));
  assert.equal(told.length, 1);
  assert.equal(told[0]?.level, "error");
  assert.deepEqual(told[0]?.fields, { reference, worker: "colorize" });
  assert.match(`${told[0]?.error}`, /RangeError: .*\n +at .*encode/);
  assert.ok(!workshop.log.some(({ message }) => message.includes("quality is an integer")));

  const lines: string[] = [];
  const log = openLog({ write: (line) => void lines.push(line) });
  const status = new StatusMapper(loadPublicContract(), log, "/data").statusOf(error, {
    method: "Colorize",
  });
  assert.equal(status.details, error.message);
  assert.equal(lines.length, 1, "the call is in the log, without the cause");
  assert.doesNotMatch(lines[0] ?? "", /quality is an integer|"error":/);
});
