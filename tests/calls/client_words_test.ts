import assert from "assert";
import { ClientWords } from "../../src/calls/client_words.ts";

Deno.test("places of the server become what clients know, and options are called as in the protos", () => {
  const words = new ClientWords("/srv/tinct data");
  const cases: [string, string][] = [
    [
      "/srv/tinct data/jobs/job-a/checkpoints/step-00000120 has no moving average (emaDecay 0).",
      "The checkpoint of step 120 of job job-a has no moving average (ema_decay 0).",
    ],
    [
      "It is gone: /srv/tinct data/jobs/job-a/checkpoints/step-00000120/generator.safetensors.",
      "It is gone: the checkpoint of step 120 of job job-a.",
    ],
    [
      "The run in /srv/tinct data/jobs/job-a is locked.",
      "The run in the folder of job job-a is locked.",
    ],
    ["Read it. /srv/tinct data/models/roses/raw is cut…", "Read it. The model roses is cut…"],
    ["/srv/tinct data/datasets/meadow/a.jpg, and no other", "The dataset meadow, and no other"],
    ["/srv/tinct data: the disk is full.", "The server's data folder: the disk is full."],
    [
      'batchSize 4 and lrG; the photo batchSize.jpg, "lrG"',
      'batch_size 4 and lr_g; the photo batchSize.jpg, "lrG"',
    ],
    ["Job job-a is QUEUED.", "Job job-a is QUEUED."],
  ];
  for (const [sentence, told] of cases) assert.equal(words.of(sentence), told);
});
