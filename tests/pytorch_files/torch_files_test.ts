import assert from "assert";
import { writeFile } from "node:fs/promises";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { readEncoderWeights } from "../../src/checkpoints/encoder_weights.ts";
import { prefixOf, type TensorFile } from "../../src/checkpoints/tensor_file.ts";
import { readAnyFloats } from "../../src/checkpoints/tensor_values.ts";
import { readVggWeights, vggTensors } from "../../src/checkpoints/vgg_weights.ts";
import { inspectWeights } from "../../src/weights/inspect_weights.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { encoderTensors } from "../checkpoints/torchvision_resnet.ts";
import { dict, pthPath, tensor, torchArchive } from "./torch_archive.ts";

/** A safetensors file of one tensor, whose header is padded to a length. */
function safetensorsOf(headerBytes: number): Uint8Array {
  const header = JSON.stringify({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4] } });
  const bytes = new Uint8Array(8 + headerBytes + 4).fill(0x20);
  bytes.set(new Uint8Array(BigUint64Array.of(BigInt(headerBytes)).buffer));
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(new Uint8Array(Float32Array.of(2.5).buffer), 8 + headerBytes);
  return bytes;
}

Deno.test("a safetensors file is one, also where its header's length begins like a zip or a pickle", async () => {
  await using folder = await TemporaryFolder.create();
  for (const headerBytes of [0x4b50, 0x280]) {
    const path = folder.join(`${headerBytes}.safetensors`);
    await writeFile(path, safetensorsOf(headerBytes));
    await using file = await openTensors(path);
    assert.deepEqual([...await readAnyFloats(file, "a")], [2.5]);
  }
});

const first = "model.model.0.weight";

/** The floating tensors of the generator in a file, by their own names. */
async function generatorOf(file: TensorFile): Promise<Map<string, Float32Array>> {
  const prefix = prefixOf(file, first)!;
  const values = new Map<string, Float32Array>();
  for (const { name, dtype } of file.tensors) {
    if (!name.startsWith(`${prefix}model.model.`) || dtype === "I64") continue;
    values.set(name.slice(prefix.length), await readAnyFloats(file, name));
  }
  return values;
}

/** Those of a fixture. */
async function generatorIn(name: string): Promise<Map<string, Float32Array>> {
  await using file = await openTensors(pthPath(name));
  return await generatorOf(file);
}

Deno.test("a zip archive of torch.save has its tensors under the names of the state dict", async () => {
  await using file = await openTensors(pthPath("latest_net_G.pth"));
  assert.deepEqual(file.get(first), {
    name: first,
    dtype: "F32",
    shape: [2, 1, 4, 4],
    sizeBytes: 128,
  });
  const deepest = "model.model.1.model.3.model.3.model.3.model.3.model.3.model.3.model.1.weight";
  assert.deepEqual(file.get(deepest)?.shape, [16, 16, 4, 4]);
  const counted = file.tensors.filter(({ name }) => name.endsWith(".num_batches_tracked"));
  assert.deepEqual(counted.map(({ dtype, shape }) => [dtype, shape])[0], ["I64", []]);
  const batches = await file.read(counted[0]!.name);
  assert.equal(new BigInt64Array(batches.buffer)[0], 20n);
  assert.equal(prefixOf(file, first), "");
  await assert.rejects(file.read("model"), /has no tensor called model\.$/);
});

Deno.test("the same network is read from every way in which it was saved", async () => {
  const expected = await generatorIn("tutorial.pt");
  assert.equal(expected.size, 39);
  for (const name of ["before_1_6.pth", "strided.pth"]) {
    assert.deepEqual(await generatorIn(name), expected, name);
  }
  // float16 has 11 bits, bfloat16 8.
  for (const [name, bits] of [["half.pth", 11], ["averaged.pth", 8]] as const) {
    const values = await generatorIn(name);
    assert.deepEqual([...values.keys()].sort(), [...expected.keys()].sort());
    for (const [tensor, numbers] of values) {
      const exact = expected.get(tensor)!;
      const wrong = numbers.findIndex((value, at) =>
        !(Math.abs(value - exact[at]!) <= Math.abs(exact[at]!) * 2 ** -bits + 2 ** -25)
      );
      assert.equal(wrong, -1, `${name}: ${tensor}[${wrong}]`);
    }
  }
});

Deno.test("keys of dictionaries around a state dict stand before its names, and an average is preferred", async () => {
  const cases = [
    ["tutorial.pt", "net_G."],
    ["before_1_6.pth", "module."],
    ["strided.pth", "net_G."],
    ["half.pth", "state_dict."],
    ["averaged.pth", "params_ema."],
  ] as const;
  for (const [name, prefix] of cases) {
    await using file = await openTensors(pthPath(name));
    assert.equal(prefixOf(file, first), prefix, name);
  }
});

Deno.test("a ResNet and a VGG16 of torch.save are known, and read whatever stands before their names", async () => {
  const encoder = pthPath("resnet18.pth");
  assert.deepEqual(await inspectWeights(encoder), {
    network: "resnet18",
    width: 2,
    seesColor: true,
  });
  const wish = {
    network: "resnet18",
    tensors: encoderTensors("resnet18"),
    prefix: "layers.0.",
  } as const;
  const { values, seesColor } = await readEncoderWeights(encoder, wish);
  assert.equal(values.get("layers.0.0.weight")?.length, 98);
  assert.equal(seesColor?.get("layers.0.0.weight")?.length, 294);
  const eyes = pthPath("vgg16_bn.pth");
  assert.deepEqual(await inspectWeights(eyes), { network: "vgg16_bn", width: 2, seesColor: true });
  const vgg = await readVggWeights(eyes);
  assert.deepEqual([...vgg.values.keys()], vggTensors(2).map(({ name }) => name));
});

Deno.test("a tensor is read by its offset and strides, and no other bytes of its storage with it", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("views.pth");
  const numbers = Float32Array.from({ length: 12 }, (_, index) => index);
  const storage = { count: 12, key: "0" };
  const value = dict({
    rows: tensor({ ...storage, shape: [3, 4], strides: [4, 1] }),
    columns: tensor({ ...storage, shape: [4, 3], strides: [1, 4] }),
    part: tensor({ ...storage, offset: 5, shape: [2, 2], strides: [4, 1] }),
    repeated: tensor({ ...storage, offset: 11, shape: [2, 2], strides: [0, 0] }),
    scalar: tensor({ ...storage, offset: 3, shape: [], strides: [] }),
    none: tensor({ ...storage, offset: 12, shape: [0, 4], strides: [4, 1] }),
  });
  await writeFile(path, torchArchive(value, { "0": new Uint8Array(numbers.buffer) }));
  await using file = await openTensors(path);
  const read = async (name: string) => [...await readAnyFloats(file, name)];
  assert.deepEqual(await read("rows"), [...numbers]);
  assert.deepEqual(await read("columns"), [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  assert.deepEqual(await read("part"), [5, 6, 9, 10]);
  assert.deepEqual(await read("repeated"), [11, 11, 11, 11]);
  assert.deepEqual(await read("scalar"), [3]);
  assert.deepEqual(await read("none"), []);
});
