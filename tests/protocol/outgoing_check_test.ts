import assert from "assert";
import { contractTypes } from "../../src/protocol/contract.ts";
import { OutgoingCheck } from "../../src/protocol/outgoing_check.ts";

const types = contractTypes();
const check = new OutgoingCheck(types);

const head = { jobId: "job-a", sequence: 1, time: { seconds: 1, nanos: 5 } };
const losses = { step: 3, lossG: 0.5 };

const wrong: readonly (readonly [what: string, type: string, message: unknown, says: RegExp])[] = [
  ["no message", "tinct.v1.TrainResponse", "job", /TrainResponse must be a message, not "job"/],
  ["a list for a message", "tinct.v1.TrainResponse", { job: [] }, /\.job must be a message/],
  ["a misspelt field", "tinct.v1.Losses", { lossGG: 1 }, /Losses\.lossGG is not a field/],
  [
    "a loss that is NaN",
    "tinct.v1.Losses",
    { lossG: NaN },
    /lossG must be a finite number, not NaN/,
  ],
  ["an infinite one", "tinct.v1.Losses", { lrG: -Infinity }, /finite number, not -Infinity/],
  [
    "half a step",
    "tinct.v1.Losses",
    { step: 0.5 },
    /step must be a whole number \(int64\), not 0\.5/,
  ],
  ["an unsafe step", "tinct.v1.Losses", { step: 2 ** 53 }, /whole number \(int64\)/],
  ["a step in words", "tinct.v1.Losses", { step: "3" }, /\(int64\), not "3"/],
  ["a wide count", "tinct.v1.Losses", { steps: 2 ** 31 }, /\(int32\), not 2147483648/],
  ["a number for a text", "tinct.v1.TrainingJob", { jobId: 7 }, /jobId must be text, not 7/],
  ["a word for a switch", "tinct.v1.TrainResponse", { repeatedRequest: "no" }, /true or false/],
  ["a text for bytes", "tinct.v1.ColorizeResponse", { image: "png" }, /image must be bytes/],
  ["an unknown state", "tinct.v1.TrainingJob", { state: "BUSY" }, /state must be a JobState/],
  ["one for many", "tinct.v1.ListTrainingJobsResponse", { jobs: {} }, /jobs must be a list/],
  [
    "one wrong among many",
    "tinct.v1.ListTrainingJobsResponse",
    { jobs: [{ jobId: "a" }, { attempt: NaN }] },
    /jobs\[1\]\.attempt must be a whole number/,
  ],
  ["labels as a list", "tinct.v1.TrainingJob", { labels: ["a"] }, /labels must be values by name/],
  ["a label's number", "tinct.v1.TrainingJob", { labels: { a: 1 } }, /labels\.a must be text/],
  ["an event of nothing", "tinct.v1.StreamMetricsResponse", head, /event must be one of state, /],
  [
    "two events at once",
    "tinct.v1.StreamMetricsResponse",
    { ...head, losses, log: { message: "a" } },
    /event can be one thing at a time, not "losses, log"/,
  ],
  ["a worker that says nothing", "tinct.worker.v1.WorkRequest", {}, /message must be one of hello/],
  ["an assignment of nothing", "tinct.worker.v1.WorkResponse", { assignment: {} }, /work must be/],
];

Deno.test("a wrong message is found before it is sent, by its field and value", async (t) => {
  for (const [what, type, message, says] of wrong) {
    await t.step(what, () => {
      assert.throws(() => check.check(type, message), (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, says);
        return true;
      });
    });
  }
});

Deno.test("right messages pass: what is absent, null or set by a oneof's name, unknown enum numbers", () => {
  const right: readonly (readonly [string, object])[] = [
    ["tinct.v1.TrainResponse", {}],
    ["tinct.v1.TrainResponse", { job: null, repeatedRequest: undefined }],
    ["tinct.v1.StreamMetricsResponse", { ...head, losses, event: "losses" }],
    ["tinct.v1.Losses", { step: 0, lossG: -0, _lossG: "lossG", lrG: 5e-324 }],
    ["tinct.v1.TrainingJob", { state: 77, labels: { a: "" }, origin: undefined }],
    ["tinct.v1.ColorizeResponse", { image: new Uint8Array(3) }],
    ["tinct.v1.ColorizeResponse", { image: Buffer.from("png") }],
    ["tinct.worker.v1.WorkRequest", { heartbeat: {} }],
  ];
  for (const [type, message] of right) check.check(type, message);
});
