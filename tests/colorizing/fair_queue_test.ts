import assert from "assert";
import type { TinctError } from "../../src/errors.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { readPhoto, Workshop } from "../service/workshop.ts";

Deno.test("a client that fills the queue keeps no place from others", async () => {
  await using workshop = await Workshop.open({ maxQueuedPhotos: 24, maxBatchSize: 4 });
  const jobId = await drawnJob(workshop.store, workshop.folder.path);
  const photo = await readPhoto("coffee.png");
  const order: string[] = [];
  const colorize = async (client: string) => {
    const settings = { model: { jobId }, format: "IMAGE_FORMAT_PNG" } as const;
    try {
      await workshop.colorizing.colorize(photo, settings, { client });
      order.push(client);
      return "OK";
    } catch (error) {
      return (error as TinctError).code;
    }
  };
  await colorize("first"); // starts the worker
  const greedy = Array.from({ length: 24 }, () => colorize("greedy"));
  const modest = Array.from({ length: 3 }, () => colorize("modest"));
  assert.deepEqual(await Promise.all(modest), ["OK", "OK", "OK"]);
  const ends = await Promise.all(greedy);
  // Three gave way; a fourth found no room where the first photo of all had not left the worker yet.
  const refused = ends.filter((end) => end === "resource_exhausted").length;
  assert.ok(refused === 3 || refused === 4, `${ends}`);
  assert.equal(ends.filter((end) => end === "OK").length, 24 - refused, `${ends}`);
  // Of eight places the greedy client has six: the modest one's are among the first that are made.
  const last = order.lastIndexOf("modest");
  assert.ok(last < 15, `${order}`);
});
