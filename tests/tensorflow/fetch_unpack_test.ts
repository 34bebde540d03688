import assert from "assert";
import { Buffer } from "node:buffer";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../../src/errors.ts";
import { checkWheel, unpackWheel } from "../../src/tensorflow/fetch_unpack.ts";
import {
  libraries,
  type Member,
  pinOf,
  recordOf,
  temporaryFolder,
  wheelBytes,
  zipBytes,
} from "./tiny_wheel.ts";

Deno.test("unpackWheel() writes the wanted members and nothing else", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  await writeFile(wheel, wheelBytes());
  const files = await unpackWheel(wheel, join(folder.path, "out"));
  assert.deepEqual(files.map((file) => file.path), libraries.map((member) => member.name));
  assert.deepEqual(await readdir(join(folder.path, "out")), ["tensorflow"]);
  for (const { name, content } of libraries) {
    assert.deepEqual(await readFile(join(folder.path, "out", name)), content);
  }
  assert.equal(files[0]?.sizeBytes, 5000);
});

Deno.test("unpackWheel() reports progress up to the size of all members", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  await writeFile(wheel, wheelBytes());
  const seen: number[] = [];
  await unpackWheel(wheel, join(folder.path, "out"), { onProgress: (bytes) => seen.push(bytes) });
  assert.deepEqual(seen, [5000, 5013]);
});

Deno.test("unpackWheel() keeps a program executable, and a library not", async () => {
  await using folder = await temporaryFolder();
  const members: Member[] = [
    { name: "nvidia/cuda_nvcc/bin/ptxas", content: Buffer.from("ptxas"), mode: 0o755 },
    { name: "nvidia/cublas/lib/libcublas.so.12", content: Buffer.from("blas") },
  ];
  const wheel = join(folder.path, "a.whl");
  await writeFile(wheel, wheelBytes(members));
  await unpackWheel(wheel, folder.path);
  const modes = await Promise.all(
    members.map(async ({ name }) => (await stat(join(folder.path, name))).mode & 0o111),
  );
  assert.deepEqual(modes, [0o111, 0]);
});

const [cc] = libraries;
const changed = [{ ...cc, name: cc?.name ?? "", content: Buffer.from("something else") }];

const damagedWheels: readonly { name: string; bytes: Buffer; says: RegExp }[] = [
  { name: "is empty", bytes: Buffer.alloc(0), says: /damaged/ },
  { name: "is no zip", bytes: Buffer.from("<html>404</html>".repeat(50)), says: /damaged/ },
  { name: "ends early", bytes: wheelBytes().subarray(0, 200), says: /damaged/ },
  {
    name: "lacks its middle",
    bytes: Buffer.concat([wheelBytes().subarray(0, 60), wheelBytes().subarray(90)]),
    says: /damaged/,
  },
  {
    name: "has a member outside the folder",
    bytes: wheelBytes([...libraries, { name: "../evil.so", content: Buffer.from("evil") }]),
    says: /damaged: invalid relative path: \.\.\/evil\.so/,
  },
  {
    name: "has a member with an absolute path",
    bytes: wheelBytes([...libraries, { name: "/evil.so", content: Buffer.from("evil") }]),
    says: /damaged: absolute path/,
  },
  { name: "has no RECORD", bytes: zipBytes(libraries), says: /no RECORD/ },
  {
    name: "holds none of the libraries",
    bytes: wheelBytes([{ name: "tensorflow/a.py", content: Buffer.from("") }]),
    says: /none of the libraries/,
  },
  {
    name: "holds another library than its RECORD says",
    bytes: wheelBytes(changed, recordOf(libraries)),
    says: /libtensorflow_cc\.so\.2 is not what the wheel's RECORD says/,
  },
  {
    name: "holds a library that its RECORD does not name",
    bytes: wheelBytes(libraries, recordOf(libraries.slice(1))),
    says: /libtensorflow_cc\.so\.2 is not what the wheel's RECORD says/,
  },
];

for (const { name, bytes, says } of damagedWheels) {
  Deno.test(`unpackWheel() refuses a wheel that ${name}`, async () => {
    await using folder = await temporaryFolder();
    const wheel = join(folder.path, "a.whl");
    await writeFile(wheel, bytes);
    const error = await rejection(unpackWheel(wheel, join(folder.path, "in", "out")));
    assert.equal(error.code, "data_loss");
    assert.match(error.message, says);
    const written = await readdir(folder.path, { recursive: true });
    assert.deepEqual(written.filter((path) => path.includes("evil")), []);
  });
}

Deno.test("unpackWheel() stops with the reason of the signal", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  await writeFile(wheel, wheelBytes());
  const signal = AbortSignal.abort(new TinctError("cancelled", "Interrupted."));
  const error = await rejection(unpackWheel(wheel, folder.path, { signal }));
  assert.equal(error.code, "cancelled");
});

Deno.test("checkWheel() accepts the pinned bytes", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  const bytes = wheelBytes();
  await writeFile(wheel, bytes);
  const seen: number[] = [];
  await checkWheel(wheel, pinOf(bytes), { onProgress: (done) => seen.push(done) });
  assert.deepEqual(seen, [bytes.length]);
});

Deno.test("checkWheel() refuses a wheel with one other bit, naming both hashes", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  const bytes = wheelBytes();
  const pin = pinOf(bytes);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  await writeFile(wheel, bytes);
  const error = await rejection(checkWheel(wheel, pin));
  assert.equal(error.code, "data_loss");
  assert.match(error.message, new RegExp(`SHA-256 is ${pinOf(bytes).sha256}, not ${pin.sha256}`));
});

Deno.test("checkWheel() refuses a wheel of another size, and one that is not there", async () => {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "a.whl");
  await writeFile(wheel, wheelBytes().subarray(1));
  const shorter = await rejection(checkWheel(wheel, pinOf(wheelBytes())));
  assert.match(
    shorter.message,
    new RegExp(`${wheelBytes().length - 1} bytes, not ${wheelBytes().length}`),
  );
  const absent = await rejection(checkWheel(join(folder.path, "b.whl"), pinOf(wheelBytes())));
  assert.equal(absent.code, "not_found");
});

/** The TinctError that a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<TinctError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert(error instanceof TinctError, `not a TinctError: ${error}`);
  return error;
}
