import assert from "assert";
import { status as codes } from "@grpc/grpc-js";
import { ClientWords } from "../../src/calls/client_words.ts";
import { StatusMapper } from "../../src/calls/status.ts";
import { openLog } from "../../src/log/log.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { describePostgresError } from "../../src/stores/postgres/postgres_errors.ts";

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

Deno.test("clients are not told where the server's database is", () => {
  const cause = new Error("connect ECONNREFUSED 10.1.2.3:5432");
  const away = describePostgresError("db.example:5432/tinct", cause);
  assert.match(`${away}`, /db\.example.*10\.1\.2\.3/, "as the log says");
  const mapper = new StatusMapper(loadPublicContract(), openLog({ write: () => {} }), "/data");
  const { details, encoded } = mapper.statusOf(away, { method: "ListModels" });
  assert.equal(details, "The server's database does not answer now; try again in a while.");
  assert.doesNotMatch(encoded.toString("latin1"), /db\.example|10\.1\.2\.3/);
});

Deno.test("whatever ails the server's database, clients are told neither where it is nor its words", () => {
  const cases: [state: string, code: string, told: RegExp, isLogged: boolean][] = [
    ["40001", "UNAVAILABLE", /^The server's database is busy; try again\.$/, false],
    ["53100", "RESOURCE_EXHAUSTED", /has no room left, so nothing was written/, true],
    ["XX001", "DATA_LOSS", /is damaged/, true],
    // None of these is the client's own password or permission.
    [
      "28P01",
      "INTERNAL",
      /^The server cannot use its database; the server's log says why\.$/,
      true,
    ],
    ["42501", "INTERNAL", /cannot use its database/, true],
    ["42P01", "INTERNAL", /cannot use its database/, true],
  ];
  for (const [state, code, told, isLogged] of cases) {
    const cause = Object.assign(new Error('relation "jobs"'), { code: state });
    const error = describePostgresError("db.example:5432/tinct", cause);
    assert.match(`${error}`, /db\.example/, "as the log says");
    const lines: string[] = [];
    const log = openLog({ write: (line) => void lines.push(line) });
    const mapper = new StatusMapper(loadPublicContract(), log, "/data");
    const status = mapper.statusOf(error, { method: "ListModels" });
    assert.equal(codes[status.code], code, state);
    assert.match(status.details, told);
    assert.doesNotMatch(status.encoded.toString("latin1"), /db\.example|relation/);
    assert.equal(lines.length, isLogged ? 1 : 0, state);
  }
});
