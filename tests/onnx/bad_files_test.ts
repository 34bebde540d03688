import assert from "assert";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import type { ErrorCode } from "../../src/errors.ts";
import { readNpy } from "../../src/onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../../src/onnx/onnx_network.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { graphFile, type TestNode, type TestTensor } from "./graph_file.ts";

const at = (name: string) => fileURLToPath(new URL(`../testdata/onnx/${name}`, import.meta.url));

const add = (...inputs: string[]): TestNode => ({ operation: "Add", inputs, outputs: ["y"] });

/** A graph of one sum with a constant of two numbers. */
const withTensor = (tensor: Omit<TestTensor, "name">) => ({
  nodes: [add("x", "c")],
  tensors: [{ name: "c", ...tensor }],
});

/** What is wrong, the graph, and what is said. */
const graphs: readonly (readonly [
  what: string,
  graph: Parameters<typeof graphFile>[0],
  code: ErrorCode,
  sentence: RegExp,
])[] = [
  [
    "a cycle",
    {
      nodes: [
        { operation: "Add", inputs: ["x", "b"], outputs: ["a"], name: "first" },
        { operation: "Relu", inputs: ["a"], outputs: ["b"], name: "second" },
        add("a", "b"),
      ],
    },
    "data_loss",
    /its nodes go in a circle, (Add "first" needs b|Relu "second" needs a), which needs it\.$/,
  ],
  [
    "a value that nothing makes",
    { nodes: [add("x", "lost")] },
    "data_loss",
    /nothing makes lost, which Add "y" takes\.$/,
  ],
  [
    "two nodes that make the same",
    { nodes: [add("x", "x"), add("x", "x")] },
    "data_loss",
    /two things are called y\.$/,
  ],
  [
    "an output that nothing makes",
    {},
    "data_loss",
    /nothing makes y, which is an output\.$/,
  ],
  [
    "operations that there are not, all of them, with their nodes",
    {
      nodes: [
        { operation: "Det", inputs: ["x"], outputs: ["a"], name: "/one" },
        { operation: "Det", inputs: ["a"], outputs: ["b"], name: "/two" },
        { operation: "Det", inputs: ["b"], outputs: ["c"], name: "/three" },
        { operation: "Gelu", inputs: ["c"], outputs: ["y"], domain: "com.microsoft" },
        { operation: "Loop", inputs: ["x"], outputs: ["unused"] },
      ],
    },
    "unimplemented",
    /needs the ONNX operations Det \("\/one", "\/two" and 1 other\), com\.microsoft\.Gelu \("y"\), which Tinct does not support/,
  ],
  [
    "2 GB that are declared and not there",
    withTensor({ shape: [500_000_000], values: [1, 2] }),
    "data_loss",
    /constant c of .* does not have the 500000000 values that \[500000000\] needs\.$/,
  ],
  [
    "2 GB that are declared, and no values at all",
    withTensor({ shape: [500_000_000] }),
    "data_loss",
    /does not have the 500000000 values/,
  ],
  [
    "a shape beyond all numbers",
    withTensor({ shape: [2 ** 40, 2 ** 40], values: [] }),
    "data_loss",
    /has the shape \[1099511627776,1099511627776\]\.$/,
  ],
  [
    "text as a constant",
    withTensor({ shape: [1], values: [1], type: 8 }),
    "unimplemented",
    /is of the ONNX type 8; export the network in float32\.$/,
  ],
  [
    "weights that are no numbers",
    withTensor({ shape: [2], values: [1, NaN] }),
    "data_loss",
    /The constant c of .* holds values that are no numbers \(NaN\)/,
  ],
  ...["../outside.bin", "/etc/passwd", "", "folder/../../outside.bin", "C:\\outside.bin"].map(
    (location) =>
      [
        `external data at "${location}"`,
        withTensor({ shape: [2], external: { location } }),
        "invalid_argument",
        /leads out of the model's folder; put the file beside the model\.$/,
      ] as const,
  ),
  [
    "external data behind a link that leads out",
    withTensor({ shape: [2], external: { location: "link.bin" } }),
    "invalid_argument",
    /lies in "link\.bin", which leads out/,
  ],
  [
    "external data behind a linked folder",
    withTensor({ shape: [2], external: { location: "linked/outside.bin" } }),
    "invalid_argument",
    /lies in "linked\/outside\.bin", which leads out/,
  ],
  [
    "external data past the end of its file",
    withTensor({ shape: [2], external: { location: "beside.bin", offset: "4" } }),
    "data_loss",
    /lies at 4 to 12 of beside\.bin, which has 8 bytes/,
  ],
  [
    "external data at an offset that is no number",
    withTensor({ shape: [2], external: { location: "beside.bin", offset: "-4" } }),
    "data_loss",
    /lies at NaN to NaN of beside\.bin/,
  ],
  [
    "external data of another length",
    withTensor({ shape: [2], external: { location: "beside.bin", length: "4" } }),
    "data_loss",
    /does not have the 2 values/,
  ],
  [
    "external data of 2 GB in a small file",
    withTensor({ shape: [500_000_000], external: { location: "beside.bin" } }),
    "data_loss",
    /lies at 0 to 2000000000 of beside\.bin, which has 8 bytes/,
  ],
  [
    "external data that is a folder",
    withTensor({ shape: [2], external: { location: "folder" } }),
    "data_loss",
    /folder is not a file\.$/,
  ],
  [
    "external data that is not there",
    withTensor({ shape: [2], external: { location: "none.bin" } }),
    "not_found",
    /none\.bin does not exist\.$/,
  ],
  [
    "a constant that would grow to 4 GB while folding",
    {
      nodes: [
        { operation: "ConstantOfShape", inputs: ["c"], outputs: ["big"], name: "/big" },
        add("x", "big"),
      ],
      tensors: [{ name: "c", shape: [1], values: [2 ** 30] }],
    },
    "unimplemented",
    /needs a tensor of 1073741824 numbers \(ConstantOfShape "\/big"\)/,
  ],
];

engineTest("damaged and hostile files are refused by a sentence", async (engine, t) => {
  await using outside = await TemporaryFolder.create();
  await using folder = await TemporaryFolder.create();
  await writeFile(outside.join("outside.bin"), new Uint8Array(8));
  await writeFile(folder.join("beside.bin"), new Uint8Array(8));
  await symlink(outside.join("outside.bin"), folder.join("link.bin"));
  await symlink(outside.path, folder.join("linked"));
  await mkdir(folder.join("folder"));
  const path = folder.join("network.onnx");
  for (const [what, graph, code, sentence] of graphs) {
    await t.step(what, async () => {
      await writeFile(path, graphFile(graph));
      const load = async () => (await OnnxNetwork.load(engine, await openOnnx(path)));
      await assert.rejects(load(), failsWith(code, sentence));
    });
  }
  await t.step("what is fine is none of these", async () => {
    const tensor = withTensor({ shape: [2], external: { location: "beside.bin" } });
    await writeFile(path, graphFile(tensor));
    using network = await OnnxNetwork.load(engine, await openOnnx(path));
    assert.deepEqual([...network.inputs], [["x", [1, 2]]]);
  });
});

Deno.test("a file that is cut anywhere is refused by a sentence", async () => {
  await using folder = await TemporaryFolder.create();
  const whole = await readFile(at("eccv16.legacy17.onnx"));
  const path = folder.join("cut.onnx");
  for (const size of [1, 9, 100, 1000, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, size));
    await assert.rejects(openOnnx(path), failsWith("data_loss", /cut short|is no ONNX model/));
  }
  await writeFile(path, "");
  await assert.rejects(openOnnx(path), failsWith("data_loss", /holds no graph/));
  await assert.rejects(openOnnx(folder.path), failsWith("data_loss", /is not a file/));
  await assert.rejects(openOnnx(folder.join("none")), failsWith("not_found", /does not exist/));
});

Deno.test("a message of nothing but fields is refused before it fills the memory", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("fields.onnx");
  await writeFile(path, new Uint8Array(2_000_002).map((_, index) => index % 2 === 0 ? 8 : 1));
  await assert.rejects(openOnnx(path), failsWith("data_loss", /cut short, or of another format/));
});

engineTest("a size that the export cannot take is named with its node", async (engine) => {
  const network = await OnnxNetwork.load(
    engine,
    await openOnnx(at("ddcolor.dynamic-dynamo20.onnx")),
  );
  using _network = network;
  using compiled = network.compile();
  const picture = tf.zeros([1, 3, 30, 32]);
  try {
    await assert.rejects(
      compiled.call(picture),
      failsWith("invalid_argument", /(Concat|Add) ".*" of .* cannot be computed of \[/),
    );
  } finally {
    picture.dispose();
  }
  assert.throws(
    () => network.requireShapes([[1, 1, 32, 32]]),
    failsWith(
      "invalid_argument",
      /input in0 of .* has the shape \[1,3,any,any\], not \[1,1,32,32\]\.$/,
    ),
  );
});

Deno.test("readNpy() refuses what is no array of numbers", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("array.npy");
  const npy = (header: string, sizeBytes: number) => {
    const bytes = new Uint8Array(10 + header.length + sizeBytes);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    bytes.set(new TextEncoder().encode(header), 10);
    return bytes;
  };
  const header = (type: string, shape: string, order = "False") =>
    `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const refused: [Uint8Array, ErrorCode, RegExp][] = [
    [new Uint8Array(3), "data_loss", /is no \.npy file: write it with numpy\.save/],
    [npy("{}", 8), "data_loss", /has a header that says no type and shape/],
    [npy(header("<f4", "2,"), 4), "data_loss", /does not have the 2 numbers that \[2\] needs/],
    [npy(header("<c8", "2,"), 16), "unimplemented", /holds "<c8"; write it as float32/],
    [npy(header("<f4", "1, 2", "True"), 8), "unimplemented", /in Fortran's order/],
  ];
  for (const [bytes, code, sentence] of refused) {
    await writeFile(path, bytes);
    await assert.rejects(readNpy(path), failsWith(code, sentence));
  }
  await writeFile(path, npy(header("<f8", ""), 8));
  assert.deepEqual(await readNpy(path), {
    shape: [],
    dtype: "float32",
    values: Float32Array.of(0),
  });
});
