import assert from "assert";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { wordOf } from "../../src/protocol/enum_words.ts";
import { memberOf } from "../../src/protocol/one_of.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../../src/protocol/pieces.ts";
import { decodeDetails, encodeDetails } from "../../src/protocol/status_details.ts";
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
  const details = {
    violations: [{ field: "config.batch_size", description: "must be from 1 to 1024, not 0" }],
    retryDelayMs: 1500,
  };
  const bytes = encodeDetails(contract, { code: 3, message: "No." }, details);
  assert(bytes !== undefined);
  assert.deepEqual(decodeDetails(contract, bytes), details);

  const codec = contract.message("google.rpc.Status");
  const status = codec.deserialize(bytes);
  assert.deepEqual([status.code, status.message], [3, "No."]);
  const unknown = { type_url: "type.googleapis.com/google.rpc.Help", value: Buffer.from([8, 1]) };
  const more = codec.serialize({ ...status, details: [unknown, ...status.details] });
  assert.deepEqual(decodeDetails(contract, more), details);
});

Deno.test("an error without details has no trailer", () => {
  const none = { violations: [], retryDelayMs: undefined };
  assert.equal(encodeDetails(contract, { code: 5, message: "No." }, none), undefined);
});
