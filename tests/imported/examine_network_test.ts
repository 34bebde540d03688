import assert from "assert";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../src/engine/engine.ts";
import { TinctError } from "../../src/errors.ts";
import { examineNetwork } from "../../src/imported/examine_network.ts";
import { OnnxNetwork } from "../../src/onnx/onnx_network.ts";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { graphFile } from "../onnx/graph_file.ts";

/** What testdata/imported/make_imported.py wrote. */
const at = (name: string) =>
  fileURLToPath(new URL(`../testdata/imported/${name}`, import.meta.url));

/** What an examination ends with. */
async function refusal(engine: Engine, path: string, said?: string): Promise<TinctError> {
  try {
    await examineNetwork(engine, path, { ...(said !== undefined && { said }) });
  } catch (error) {
    if (error instanceof TinctError) return error;
    throw error;
  }
  throw new Error(`${path} was taken.`);
}

/** A profile of one's own: DeOldify's but for what is given. */
const own = (more: object) => JSON.stringify({ ...namedProfiles.deoldify, size: 64, ...more });

engineTest(
  "examineNetwork() tells what a network is by what it takes and gives, and which sizes",
  async (engine) => {
    const found = [];
    for (const file of ["ddcolor", "deoldify", "siggraph17", "eccv16", "ddcolor.fixed"]) {
      const facts = await examineNetwork(engine, at(`${file}.onnx`));
      const { profile, profileName, sizeMultiple, opset } = facts;
      assert.deepEqual({ ...profile, size: 0 }, { ...namedProfiles[profileName!], size: 0 });
      found.push([file, profileName, profile.size, sizeMultiple, opset]);
    }
    // The stand-ins halve less often than the networks that they stand for.
    assert.deepEqual(found, [
      ["ddcolor", "ddcolor", 512, 4, 17],
      ["deoldify", "deoldify", 560, 8, 17],
      ["siggraph17", "siggraph17", 256, 2, 17],
      ["eccv16", "eccv16", 256, 8, 17],
      ["ddcolor.fixed", "ddcolor", 64, 0, 20],
    ]);
  },
);

engineTest("examineNetwork() writes a network once for its final size", async (engine) => {
  const { compute } = OnnxNetwork.prototype;
  const sides: (number | undefined)[] = [];
  OnnxNetwork.prototype.compute = function (given) {
    sides.push([...given.values()][0]?.tensor.shape[2]);
    return compute.call(this, given);
  };
  try {
    await examineNetwork(engine, at("ddcolor.fixed.onnx"));
    assert.deepEqual(sides, [64]);
    await examineNetwork(engine, at("siggraph17.onnx"));
    // Of 128 to guess by, 129 and 130 to find the multiple.
    assert.deepEqual(sides.slice(1), [128, 129, 130, 256]);
  } finally {
    OnnxNetwork.prototype.compute = compute;
  }
});

engineTest(
  "examineNetwork() takes a profile by name or as JSON, of any size that the network takes",
  async (engine) => {
    const named = await examineNetwork(engine, at("eccv16.onnx"), { said: "eccv16" });
    assert.equal(named.profileName, "eccv16");
    const { profile, profileName } = await examineNetwork(engine, at("deoldify.onnx"), {
      said: own({ keep: "lightness" }),
    });
    assert.deepEqual([profileName, profile.size, profile.keep], [undefined, 64, "lightness"]);
  },
);

engineTest("examineNetwork() names what does not fit", async (engine) => {
  const cases: readonly (readonly [string, string | undefined, RegExp])[] = [
    [
      "ddcolor.onnx",
      "eccv16",
      /takes 3 channels, and its profile says 1: say by profile which of ddcolor, /,
    ],
    ["siggraph17.onnx", "eccv16", /takes 1 \+ 2 \+ 1 channels, and its profile says 1: /],
    ["ddcolor.onnx", "zhang", /^There is no profile "zhang": say by profile which of /],
    ["ddcolor.onnx", own({}), /gives out of the shape \[1,2,64,64\] .* says \[1, 3, 64, 64\]\.$/],
    [
      "ddcolor.fixed.onnx",
      own({ size: 32 }),
      /sees squares of 64 pixels, and the profile says 32\.$/,
    ],
    [
      "deoldify.onnx",
      own({ size: 60 }),
      /takes sides that are multiples of 8, not 60 pixels: \w+ ".+" cannot be computed of /,
    ],
    [
      "eccv16.onnx",
      own({
        size: 60,
        input: namedProfiles.eccv16.input,
        output: namedProfiles.eccv16.output,
        keep: "lightness",
      }),
      /takes sides that are multiples of 8, not 60 pixels: for 60 pixels it gives \[1,2,64,64\]\.$/,
    ],
    ["deoldify.onnx", "{", /^The profile is wrong: it is no JSON: /],
    ["deoldify.onnx", own({ size: "64" }), /^The profile is wrong: size must be a whole number /],
  ];
  for (const [file, said, sentence] of cases) {
    const { code, message, violations } = await refusal(engine, at(file), said);
    assert.match(message, sentence);
    assert.equal(code, "invalid_argument");
    assert.match(violations[0]?.field ?? "", /^profile/);
  }
});

engineTest("examineNetwork() does not guess where others would do the same", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("x.onnx");
  const square = (channels: number) => ({ x: [1, channels, 32, 32] });
  const write = (operation: string, channels: number) =>
    writeFile(
      path,
      graphFile({
        nodes: [{ operation, inputs: ["x"], outputs: ["y"] }],
        shapes: square(channels),
      }),
    );
  await write("Tanh", 1);
  assert.match(
    (await refusal(engine, path)).message,
    /takes 1 channels and gives 1, by which its profile cannot be told/,
  );
  // Between -1 and 1, as DeOldify's may be by chance; times itself, as no DeOldify's is.
  await writeFile(
    path,
    graphFile({
      nodes: [
        { operation: "Mul", inputs: ["x", "x"], outputs: ["a"] },
        { operation: "Mul", inputs: ["a", "a"], outputs: ["y"] },
      ],
      shapes: square(3),
    }),
  );
  assert.match(
    (await refusal(engine, path)).message,
    /as DeOldify does, but values up to 48\.\d where DeOldify's end at 3;/,
  );
  // Of what is below black, ImageNet's mean taken off, there is no root.
  await write("Sqrt", 3);
  const { code, message } = await refusal(engine, path);
  assert.match(
    message,
    /gives values that are no numbers \(NaN or infinity\) for a picture of grays/,
  );
  assert.equal(code, "data_loss");
});

engineTest(
  "examineNetwork() refuses what is no square photo, and files that are cut",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("x.onnx");
    const relu = [{ operation: "Relu", inputs: ["x"], outputs: ["y"] }];
    const shapes: readonly (readonly [readonly number[], RegExp])[] = [
      [[1, 2], /takes x of rank 2, which is no photo/],
      [[2, 3, 32, 32], /takes 2 photos at a time; export it with 1/],
      [[1, 32, 32, 3], /takes x as \[1, height, width, channels\]/],
      [
        [-1, -1, -1, 3],
        /of any size; what is imported sees a square, .* `tinct export --whole` wrote it, use the /,
      ],
      [[1, 3, 32, 64], /sees 64 x 32 pixels; export it for squares/],
    ];
    for (const [x, sentence] of shapes) {
      await writeFile(path, graphFile({ nodes: relu, shapes: { x } }));
      assert.match((await refusal(engine, path)).message, sentence);
    }
    const whole = await readFile(at("ddcolor.fixed.onnx"));
    await writeFile(path, whole.subarray(0, whole.length / 2));
    const { code, message } = await refusal(engine, path);
    assert.match(message, /is cut short, or of another format than ONNX\.$/);
    assert.equal(code, "data_loss");
  },
);
