import assert from "assert";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import {
  openSafetensors,
  type TensorDtype,
  writeSafetensors,
} from "../../src/checkpoints/safetensors.ts";
import { failsWith, floats } from "./small_run.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const BY_PYTHON = new URL("../testdata/checkpoints/by_python.safetensors", import.meta.url);

/** What Python's safetensors 0.8 was given for by_python.safetensors. */
const OF_PYTHON: { name: string; dtype: TensorDtype; shape: number[]; bytes: ArrayBufferLike }[] = [
  {
    name: "model.model.0.weight",
    dtype: "F32",
    shape: [2, 1, 2, 3],
    bytes: Float32Array.from({ length: 12 }, (_, index) => index - 5.5).buffer,
  },
  { name: "num_batches_tracked", dtype: "I64", shape: [], bytes: BigInt64Array.of(7n).buffer },
  { name: "f64", dtype: "F64", shape: [2], bytes: Float64Array.of(1.5, -2.25).buffer },
  { name: "i32", dtype: "I32", shape: [2, 1], bytes: Int32Array.of(1, -2).buffer },
  { name: "bf16", dtype: "BF16", shape: [2], bytes: Uint16Array.of(0x3f80, 0xc040).buffer },
  { name: "f16", dtype: "F16", shape: [1], bytes: Uint16Array.of(0x3800).buffer },
  { name: "i16", dtype: "I16", shape: [1], bytes: Int16Array.of(-300).buffer },
  { name: "i8", dtype: "I8", shape: [3], bytes: Int8Array.of(-1, 2, 3).buffer },
  { name: "u8", dtype: "U8", shape: [1], bytes: Uint8Array.of(255).buffer },
  { name: "bool", dtype: "BOOL", shape: [2], bytes: Uint8Array.of(1, 0).buffer },
  { name: "empty", dtype: "F32", shape: [0, 3], bytes: new ArrayBuffer(0) },
  { name: 'größe "q" \\ 🎨', dtype: "F32", shape: [1], bytes: Float32Array.of(42).buffer },
];

/** A file from its parts: the header's text, and zeros as data. */
function fileOf(header: string, dataBytes: number, claimedBytes?: number | bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(claimedBytes ?? json.length), true);
  file.set(json, 8);
  return file;
}

Deno.test("openSafetensors() reads what Python's safetensors wrote", async () => {
  await using file = await openSafetensors(BY_PYTHON.pathname);
  assert.deepEqual(file.metadata, new Map([["format", "pt"]]));
  assert.equal(file.tensors.length, OF_PYTHON.length);
  for (const { name, dtype, shape, bytes } of OF_PYTHON) {
    const { sizeBytes, ...info } = file.get(name) ?? assert.fail(`no ${name}`);
    assert.deepEqual({ sizeBytes, ...info, ...{ position: 0 } }, {
      name,
      dtype,
      shape,
      sizeBytes: bytes.byteLength,
      position: 0,
    });
    assert.deepEqual(await file.read(name), new Uint8Array(bytes));
  }
});

Deno.test("writeSafetensors() writes Python's bytes, in whatever order the tensors come", async () => {
  await using folder = await TemporaryFolder.create();
  const sources = OF_PYTHON.map(({ bytes, ...info }) => ({
    ...info,
    data: () => new Uint8Array(bytes),
  }));
  const expected = await readFile(BY_PYTHON);
  for (const tensors of [sources, sources.toReversed()]) {
    const path = folder.join("ours.safetensors");
    const digest = await writeSafetensors(path, tensors, { metadata: { format: "pt" } });
    assert.deepEqual(await readFile(path), expected);
    assert.deepEqual(digest, {
      sizeBytes: expected.length,
      sha256: createHash("sha256").update(expected).digest("hex"),
    });
  }
});

Deno.test("writeSafetensors() asks for a tensor when the one before is written", async () => {
  await using folder = await TemporaryFolder.create();
  // One buffer for all: were two tensors held, the first would have the second's bytes.
  const shared = new Uint8Array(4);
  const tensors = ["a", "b", "c"].map((name, index) => ({
    name,
    dtype: "U8" as const,
    shape: [4],
    data: () => shared.fill(index + 1),
  }));
  const path = folder.join("x.safetensors");
  await writeSafetensors(path, tensors);
  await using file = await openSafetensors(path);
  assert.deepEqual(await file.read("a"), new Uint8Array(4).fill(1));
  assert.deepEqual(await file.read("b"), new Uint8Array(4).fill(2));
  assert.deepEqual(await file.read("c"), new Uint8Array(4).fill(3));
});

Deno.test("read() and digest() agree with the bytes across chunk borders", async () => {
  await using folder = await TemporaryFolder.create();
  // Two chunks of 4 MiB and a bit, so that the last is a short one.
  const bytes = new Uint8Array(2 * 4 * 1024 * 1024 + 13).map((_, index) => index * 31 >> 3);
  const path = folder.join("x.safetensors");
  const written = await writeSafetensors(path, [
    { name: "big", dtype: "U8", shape: [bytes.length], data: () => bytes },
    floats("small", [1], [0.5]),
  ]);
  await using file = await openSafetensors(path);
  const into = new Uint8Array(bytes.length);
  const [alone, small, same] = await Promise.all([
    file.read("big"),
    file.read("small"),
    file.read("big", { into }),
  ]);
  assert.equal(Buffer.compare(alone, bytes), 0);
  assert.equal(same, into);
  assert.equal(Buffer.compare(into, bytes), 0);
  assert.equal(new Float32Array(small.buffer)[0], 0.5);
  const sha256 = createHash("sha256").update(await readFile(path)).digest("hex");
  assert.deepEqual(written, { sizeBytes: file.sizeBytes, sha256 });
  assert.deepEqual(await file.digest(), written);
});

Deno.test("a tensor of an element type that is not read does no harm until it is needed", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("foreign.safetensors");
  const header = '{"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},' +
    '"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}';
  const bytes = fileOf(header, 4);
  bytes[bytes.length - 1] = 7;
  await writeFile(path, bytes);
  await using file = await openSafetensors(path);
  assert.deepEqual(file.tensors, [{ name: "b", dtype: "U8", shape: [1], sizeBytes: 1 }]);
  assert.deepEqual(file.foreign, [{ name: "a", dtype: "F8_E4M3" }]);
  assert.deepEqual(await file.read("b"), new Uint8Array([7]));
  await assert.rejects(
    file.read("a"),
    /is sound, but its tensor a has the element type F8_E4M3, which Tinct does not read; save it as F32/,
  );
});

Deno.test("openSafetensors() refuses headers that lie", async (t) => {
  const tensor = (offsets: string, shape = "[2]", dtype = "F32") =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const cases: { name: string; file: Uint8Array; says: RegExp }[] = [
    { name: "an empty file", file: new Uint8Array(0), says: /it has 0 bytes/ },
    { name: "7 bytes", file: new Uint8Array(7), says: /it has 7 bytes/ },
    { name: "a header of no bytes", file: fileOf("", 0), says: /does not begin with \{/ },
    {
      name: "a header of 100 MB",
      file: fileOf("{}", 0, 100_000_000),
      says: /header of 100000000 bytes, more than 16777216/,
    },
    {
      name: "a header of 2^64 - 1 bytes",
      file: fileOf("{}", 0, 2n ** 64n - 1n),
      says: /header of 18446744073709551615 bytes/,
    },
    {
      name: "a header past the end",
      file: fileOf("{}", 0, 3),
      says: /header of 3 bytes, but has 10/,
    },
    { name: "a header that ends early", file: fileOf("{} ", 0, 1), says: /not valid JSON/ },
    { name: "no JSON", file: fileOf("{nothing", 0), says: /not valid JSON/ },
    { name: "no object", file: fileOf("[]", 0), says: /does not begin with \{/ },
    { name: "blanks before the brace", file: fileOf(" {}", 0), says: /does not begin with \{/ },
    {
      name: "bytes that are no UTF-8",
      file: fileOf('{"a":1}', 0).with(10, 0xff),
      says: /not valid JSON/,
    },
    {
      name: "deep nesting",
      file: fileOf(`{"a":${"[".repeat(9999)}`, 0),
      says: /nests deeper than 3/,
    },
    {
      name: "the same tensor twice",
      file: fileOf(`{"a":${tensor("[0,8]")},"\\u0061":${tensor("[8,16]")}}`, 16),
      says: /key "a" occurs twice/,
    },
    {
      name: "an entry that is no object",
      file: fileOf('{"a":7}', 0),
      says: /"a" is not a JSON object/,
    },
    {
      name: "an unknown element type",
      file: fileOf(`{"a":${tensor("[0,2]", "[2]", "F8")}}`, 2),
      says: /"a" has the element type "F8"/,
    },
    {
      name: "an element type from Object's prototype",
      file: fileOf(`{"a":${tensor("[0,2]", "[2]", "constructor")}}`, 2),
      says: /element type "constructor"/,
    },
    {
      name: "a negative dimension",
      file: fileOf(`{"a":${tensor("[0,8]", "[-2]")}}`, 8),
      says: /"a" has the shape \[-2\]/,
    },
    {
      name: "a dimension with a fraction",
      file: fileOf(`{"a":${tensor("[0,6]", "[1.5]")}}`, 6),
      says: /has the shape \[1.5\]/,
    },
    {
      name: "a shape past 2^53",
      file: fileOf(`{"a":${tensor("[0,0]", "[4294967296,4294967296,0]")}}`, 0),
      says: /is too large/,
    },
    {
      name: "one offset",
      file: fileOf(`{"a":${tensor("[0]")}}`, 8),
      says: /has the offsets \[0\]/,
    },
    {
      name: "offsets that run backwards",
      file: fileOf(`{"a":${tensor("[8,0]")}}`, 8),
      says: /has the offsets \[8,0\]/,
    },
    {
      name: "bytes that do not fit the shape",
      file: fileOf(`{"a":${tensor("[0,12]")}}`, 12),
      says: /claims 12 bytes, but \[2\] of F32 takes 8/,
    },
    {
      name: "tensors that overlap",
      file: fileOf(`{"a":${tensor("[0,8]")},"b":${tensor("[4,12]")}}`, 12),
      says: /"b" overlaps/,
    },
    {
      name: "two tensors in one place",
      file: fileOf(`{"a":${tensor("[0,8]")},"b":${tensor("[0,8]")}}`, 8),
      says: /"b" overlaps/,
    },
    {
      name: "a hole between tensors",
      file: fileOf(`{"a":${tensor("[0,8]")},"b":${tensor("[12,20]")}}`, 20),
      says: /"b" leaves a hole/,
    },
    {
      name: "a hole before the first",
      file: fileOf(`{"a":${tensor("[8,16]")}}`, 16),
      says: /"a" leaves a hole/,
    },
    {
      name: "bytes after the last",
      file: fileOf(`{"a":${tensor("[0,8]")}}`, 9),
      says: /tensors end at byte \d+, but it has \d+ bytes/,
    },
    {
      name: "a tensor past the end",
      file: fileOf(`{"a":${tensor("[0,8]")}}`, 7),
      says: /tensors end at byte \d+, but it has \d+ bytes/,
    },
    {
      name: "metadata that is no text",
      file: fileOf('{"__metadata__":{"a":1}}', 0),
      says: /metadata "a" is not text/,
    },
    {
      name: "a zip archive of torch.save",
      file: new TextEncoder().encode("PK\x03\x04\0\0\x08\x08 and more"),
      says: /torch\.save .*save_file/,
    },
    {
      name: "a name of a megabyte",
      file: fileOf(`{"${"x".repeat(1e6)}":7}`, 0),
      says: /^.{1,500}$/,
    },
  ];
  await using folder = await TemporaryFolder.create();
  for (const { name, file, says } of cases) {
    await t.step(name, async () => {
      const path = folder.join("lies.safetensors");
      await writeFile(path, file);
      await assert.rejects(
        openSafetensors(path),
        failsWith("data_loss", /lies\.safetensors/, says),
      );
    });
  }
});

Deno.test("openSafetensors() refuses a file cut at any byte, or with one more", async () => {
  await using folder = await TemporaryFolder.create();
  const whole = await readFile(BY_PYTHON);
  const path = folder.join("cut.safetensors");
  for (let length = 0; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    await assert.rejects(openSafetensors(path), failsWith("data_loss", /cut\.safetensors/));
  }
  await writeFile(path, Buffer.concat([whole, Buffer.of(0)]));
  await assert.rejects(openSafetensors(path), failsWith("data_loss", /cut\.safetensors/));
});

Deno.test("read() tells of a file that is cut short while it is open", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("x.safetensors");
  await writeSafetensors(path, [floats("a", [3], [1, 2, 3])]);
  await using file = await openSafetensors(path);
  await truncate(path, file.sizeBytes - 1);
  await assert.rejects(file.read("a"), failsWith("data_loss", /x\.safetensors ends at byte/));
});

Deno.test("openSafetensors() reads regular files only", async () => {
  await using folder = await TemporaryFolder.create();
  const link = folder.join("link.safetensors");
  await symlink(BY_PYTHON.pathname, link);
  await (await openSafetensors(link))[Symbol.asyncDispose]();
  await assert.rejects(
    openSafetensors(link, { refuseLinks: true }),
    failsWith("data_loss", /link\.safetensors is a symbolic link/),
  );
  await assert.rejects(openSafetensors(folder.path), failsWith("data_loss", /is not a file/));
  await assert.rejects(
    openSafetensors(folder.join("none")),
    failsWith("not_found", /none does not exist/),
  );
  // Without O_NONBLOCK this would wait for a writer for ever.
  execFileSync("mkfifo", [folder.join("pipe")]);
  await assert.rejects(openSafetensors(folder.join("pipe")), failsWith("data_loss", /not a file/));
});

Deno.test("read() refuses unknown names and buffers of another size", async () => {
  await using file = await openSafetensors(BY_PYTHON.pathname);
  await assert.rejects(
    file.read("__proto__"),
    failsWith("not_found", /no tensor called __proto__/),
  );
  await assert.rejects(file.read("f64", { into: new Uint8Array(15) }), RangeError);
});

Deno.test("writeSafetensors() refuses what no file can hold, and leaves nothing", async (t) => {
  const data = () => new Uint8Array(4);
  const one = { name: "a", dtype: "F32" as const, shape: [1], data };
  const cases = [
    { name: "two equal names", tensors: [one, one], error: TypeError },
    { name: "the reserved name", tensors: [{ ...one, name: "__metadata__" }], error: TypeError },
    { name: "a negative dimension", tensors: [{ ...one, shape: [-1] }], error: RangeError },
    { name: "too few bytes", tensors: [{ ...one, shape: [2] }], error: RangeError },
    { name: "too many bytes", tensors: [{ ...one, shape: [0] }], error: RangeError },
  ];
  await using folder = await TemporaryFolder.create();
  for (const { name, tensors, error } of cases) {
    await t.step(name, async () => {
      await assert.rejects(writeSafetensors(folder.join("x.safetensors"), tensors), error);
      assert.deepEqual(await readdir(folder.path), []);
    });
  }
});

Deno.test("writeSafetensors() keeps names that JavaScript objects would lose or move", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("x.safetensors");
  await writeSafetensors(path, ["b", "__proto__", "10", "9"].map((name) => floats(name, [1], [1])));
  await using file = await openSafetensors(path);
  assert.deepEqual(file.tensors.map(({ name }) => name), ["10", "9", "__proto__", "b"]);
});
