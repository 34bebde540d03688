import assert from "assert";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { wordOf } from "../../src/protocol/enum_words.ts";
import { memberOf } from "../../src/protocol/one_of.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../../src/protocol/pieces.ts";
import {
  decodeDetails,
  type Details,
  encodeDetails,
  type ReceivedDetails,
  type Some,
} from "../../src/protocol/status_details.ts";
import { durationMsOf, durationOf, timeMsOf, timestampOf } from "../../src/protocol/times.ts";

const contract = loadPublicContract();

const moments: readonly (readonly [ms: number, seconds: number, nanos: number])[] = [
  [0, 0, 0],
  [1_700_000_000_123, 1_700_000_000, 123_000_000],
  [1.5, 0, 1_500_000],
  [999.9999999, 1, 0],
  [-1, -1, 999_000_000],
];
for (const [ms, seconds, nanos] of moments) {
  Deno.test(`timestampOf(${ms}) counts nanoseconds upwards`, () => {
    assert.deepEqual(timestampOf(ms), { seconds, nanos });
    // A number of milliseconds since 1970 resolves to a quarter of a microsecond.
    assert(Math.abs((timeMsOf({ seconds, nanos }) ?? NaN) - ms) < 1e-3);
  });
}

const durations: readonly (readonly [ms: number, seconds: number, nanos: number])[] = [
  [0, 0, 0],
  [30_000, 30, 0],
  [0.25, 0, 250_000],
  [-1500, -1, -500_000_000],
  [1999.9999999, 2, 0],
  [-1999.9999999, -2, 0],
];
for (const [ms, seconds, nanos] of durations) {
  Deno.test(`durationOf(${ms}) has parts of one sign`, () => {
    const { seconds: gotSeconds, nanos: gotNanos } = durationOf(ms);
    assert.deepEqual([gotSeconds + 0, gotNanos + 0], [seconds, nanos]);
    assert(Math.abs((durationMsOf({ seconds, nanos }) ?? NaN) - ms) < 1e-3);
  });
}

Deno.test("a time that is absent stays absent", () => {
  assert.equal(timeMsOf(null), undefined);
  assert.equal(durationMsOf(undefined), undefined);
});

Deno.test("wordOf() leaves out the zero value and what it does not know", () => {
  const names = ["JOB_STATE_QUEUED", "JOB_STATE_UNSPECIFIED"] as const;
  assert.deepEqual(names.map((name) => wordOf("JOB_STATE_", name)), ["QUEUED", undefined]);
  assert.equal(wordOf("JOB_STATE_", 99), undefined);
});

Deno.test("memberOf() gives the member that is set, empty messages and zeros too", () => {
  const { requestSerialize, requestDeserialize } = contract
    .service("tinct.v1.DatasetService").UploadDataset;
  const through = (message: Parameters<typeof requestSerialize>[0]) =>
    memberOf(requestDeserialize(requestSerialize(message)), "part");
  assert.deepEqual(through({ finish: {} }), { kind: "finish", value: {} });
  assert.deepEqual(through({ start: { dataset: "roofs" } }), {
    kind: "start",
    value: { dataset: "roofs" },
  });
  assert.equal(through({}), undefined);
});

for (
  const [size, lengths] of [
    [0, [0]],
    [1, [1]],
    [MAX_PIECE_BYTES, [MAX_PIECE_BYTES]],
    [MAX_PIECE_BYTES + 1, [MAX_PIECE_BYTES, 1]],
    [2 * MAX_PIECE_BYTES, [MAX_PIECE_BYTES, MAX_PIECE_BYTES]],
  ] as const
) {
  Deno.test(`piecesOf() cuts ${size} bytes, only the last piece being the last`, () => {
    const outer = Buffer.alloc(size + 8, 7); // a view into more must not leak its neighbours
    const pieces = [...piecesOf(outer.subarray(4, 4 + size).fill(1))];
    assert.deepEqual(pieces.map(({ data }) => data.length), lengths);
    assert.deepEqual(
      pieces.map(({ last }) => last),
      lengths.map((_, at) => at === lengths.length - 1),
    );
    assert(pieces.every(({ data }) => data.every((byte) => byte === 1)));
  });
}

Deno.test("an error's details survive, and unknown ones are passed over", () => {
  const reason = { reason: "QUEUE_FULL", metadata: { job: "job-a" } };
  const violation = { field: "config.batch_size", description: "must be from 1 to 1024, not 0" };
  const unmet = { type: "JOB_STATE", subject: "job/job-a", description: "Job job-a is over." };
  const quota = { subject: "server", description: "2 jobs are waiting, and the limit is 2." };
  const resource = { type: "job", name: "job-a" };
  const none = {
    violations: [],
    preconditions: [],
    quotas: [],
    resource: undefined,
    retryDelayMs: undefined,
  };
  const all: [Details, Partial<ReceivedDetails>][] = [
    [{ code: "invalid_argument", violations: [violation], ...reason }, { violations: [violation] }],
    [{ code: "failed_precondition", preconditions: [unmet], ...reason }, {
      preconditions: [unmet],
    }],
    [{ code: "resource_exhausted", quotas: [quota], retryDelayMs: 1500, ...reason }, {
      quotas: [quota],
      retryDelayMs: 1500,
    }],
    [{ code: "unavailable", retryDelayMs: 1500, ...reason }, { retryDelayMs: 1500 }],
    [{ code: "not_found", resource, ...reason }, { resource }],
    [{ code: "internal", ...reason }, {}],
  ];
  for (const [details, received] of all) {
    const bytes = encodeDetails(contract, { code: 3, message: "No." }, details);
    assert.deepEqual(decodeDetails(contract, bytes), { ...none, ...reason, ...received });

    const codec = contract.message("google.rpc.Status");
    const status = codec.deserialize(bytes);
    assert.deepEqual([status.code, status.message], [3, "No."]);
    const unknown = { type_url: "type.googleapis.com/google.rpc.Help", value: Buffer.from([8, 1]) };
    const more = codec.serialize({ ...status, details: [unknown, ...status.details] });
    assert.deepEqual(decodeDetails(contract, more), { ...none, ...reason, ...received });
  }
});

Deno.test("of many violations those are told that fit, and how many more there are", () => {
  const violations = Array.from({ length: 5000 }, (_, index) => ({
    field: `spec.parameters[${index}]`,
    description: "must be one of zwölf Möglichkeiten, not 9".repeat(1 + index % 40),
  })) as unknown as Some<{ field: string; description: string }>;
  const metadata = { dataset: "d".repeat(200) };
  const message = "ö".repeat(500);
  const code = "invalid_argument" as const;
  const details = { code, violations, reason: "INVALID_ARGUMENT", metadata };
  const bytes = encodeDetails(contract, { code: 3, message }, details);
  assert(bytes.length <= 4096, `${bytes.length} bytes`);
  const { violations: told, metadata: more } = decodeDetails(contract, bytes);
  assert(told.length > 5 && told.length < 100, `${told.length} are told`);
  assert.equal(more["violations_left_out"], `${5000 - told.length}`);
  for (const { description } of told) assert.equal(description, description.toWellFormed());
});
