import assert from "assert";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readNpy } from "../../src/onnx/npy_file.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runKeptTinct } from "./run_tinct.ts";

const at = (name: string) => fileURLToPath(new URL(`../testdata/onnx/${name}`, import.meta.url));
const network = at("siggraph17.dynamo20.onnx");
const inputs = [0, 1, 2].flatMap((index) => ["--input", at(`siggraph17.in${index}.npy`)]);
const expected = at("siggraph17.out.npy");

async function run(...argv: string[]) {
  const environment = { TINCT_TENSORFLOW: dirname(libraryPath()) };
  return await runKeptTinct(["onnx", ...argv], { environment });
}

/** A .npy file of float32. */
function npy(shape: readonly number[], values: Float32Array): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }\n`;
  const bytes = new Uint8Array(10 + header.length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(values.buffer), 10 + header.length);
  return bytes;
}

Deno.test("tinct onnx says what a network takes, and how far it is off", async (t) => {
  await using folder = await TemporaryFolder.create();
  await t.step("what it takes and gives", async () => {
    const { code, stdout, stderr } = await run(network);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /: opset 20, \d+ nodes, [\d,]+ constant numbers$/m);
    assert.match(
      stdout,
      /takes in1 \[1, 2, 16, 24\]\n {2}takes in2 \[1, 1, 16, 24\]\n {2}gives out$/m,
    );
  });
  await t.step("as near as ONNX Runtime", async () => {
    const { code, stdout, stderr } = await run(network, ...inputs, "--expected", expected);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ {2}ok +out {2}largest difference [\d.]+e-\d/m);
    assert.match(stdout, /Everything is within its tolerance\.\n$/);
  });
  await t.step("past the tolerance: exit code 1, and the numbers", async () => {
    const { shape, values } = await readNpy(expected);
    const other = Float32Array.from(values);
    other[7]! += 1;
    await writeFile(folder.join("other.npy"), npy(shape, other));
    const argv = [network, ...inputs, "--expected", folder.join("other.npy")];
    const { code, stdout } = await run(...argv, "--json");
    assert.equal(code, 1);
    const { ok, outputs: [output] } = JSON.parse(stdout);
    assert.deepEqual([ok, output.name, output.within], [false, "out", false]);
    assert.ok(Math.abs(output.difference - 1) < 1e-3);
    assert.ok(Math.abs(output.relative - output.difference / output.range) < 1e-9);
    assert.equal((await run(...argv, "--tolerance", "1")).code, 0);
  });
  await t.step("what does not fit is refused before the network is computed", async () => {
    const refused: [string[], RegExp][] = [
      [[network, "--expected", expected], /has 3 inputs, but --input was given 0 times\.$/m],
      [
        [network, ...inputs, "--expected", expected, "--expected", expected],
        /has 1 output, but --expected was given 2 times\.$/m,
      ],
      [
        [network, ...inputs],
        /--input goes with --expected alone/,
      ],
      [
        [network, ...inputs.slice(2), ...inputs.slice(0, 2), "--expected", expected],
        /The input in0 of .* has the shape \[1,1,16,24\], not \[1,2,16,24\]\.$/m,
      ],
      [[folder.join("none.onnx")], /none\.onnx does not exist\.$/m],
    ];
    for (const [argv, sentence] of refused) {
      const { code, stderr } = await run(...argv);
      assert.notEqual(code, 0);
      assert.match(stderr, sentence);
    }
  });
});
