import assert from "assert";
import tf from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { floatToBytes, lookUpBytes } from "../../../src/engine/kernels/bytes.ts";
import { engineTest } from "../test_engine.ts";

const table = Array.from({ length: 256 }, (_, byte) => byte * 0.5 - 7);

engineTest("lookUpBytes() gives the table's value of every byte, in the bytes' shape", (engine) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i * 7);
  const pixels = engine.uint8Tensor(bytes, [2, 4, 8, 4]);
  tf.tidy(() => {
    const values = lookUpBytes(tf.tensor1d(table), pixels);
    assert.deepEqual(values.shape, [2, 4, 8, 4]);
    assert.equal(values.dtype, "float32");
    assert.deepEqual([...values.dataSync()], Array.from(bytes, (byte) => table[byte]));
  });
  pixels.dispose();
});

engineTest("lookUpBytes() and floatToBytes() are traced", async (engine) => {
  using compiled = new CompiledFunction(
    engine,
    (pixels) => [floatToBytes(lookUpBytes(tf.tensor1d(table), pixels!))],
    { name: "look_up" },
  );
  const pixels = engine.uint8Tensor(Uint8Array.of(0, 14, 15, 255), [4]);
  const results = await compiled.call(pixels);
  // -7 becomes 0; 0; 0.5 rounds to the even 0; 120.5 to the even 120.
  assert.deepEqual(await engine.readBytes(results[0]!), Uint8Array.of(0, 0, 0, 120));
  tf.dispose([pixels, results]);
});

engineTest("floatToBytes() rounds to the nearest, halves to even, and clips", async (engine) => {
  const cases: [value: number, byte: number][] = [
    [0, 0],
    [0.49, 0],
    [0.5, 0],
    [0.51, 1],
    [1.5, 2],
    [2.5, 2],
    [127.4999, 127],
    [254.49, 254],
    [254.5, 254],
    [254.51, 255],
    [255, 255],
    [255.4, 255],
    [256, 255],
    [1e9, 255],
    [Infinity, 255],
    [-0.4, 0],
    [-1, 0],
    [-1e9, 0],
    [-Infinity, 0],
  ];
  const values = tf.tensor1d(cases.map(([value]) => value));
  const bytes = floatToBytes(values);
  assert.deepEqual([...await engine.readBytes(bytes)], cases.map(([, byte]) => byte));
  tf.dispose([values, bytes]);
});
