import assert from "assert";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { type ErrorCode, TinctError } from "../../src/errors.ts";
import { WeightsFiles } from "../../src/weights/weights_files.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import {
  bytesOf,
  dict,
  pickle,
  pthPath,
  tensor,
  torchArchive,
  tuple,
  unicode,
} from "./torch_archive.ts";

const advice =
  / Nothing in it was run\. Save the weights alone, torch\.save\(model\.state_dict\(\), FILE\)\.$/;
const zeros = (count: number) => new Uint8Array(4 * count);
const one = { count: 1, shape: [1], strides: [1] };
const good = dict({ weight: tensor(one) });

/** A call of a function with a text. */
const calling = (module: string, name: string, argument: string) =>
  bytesOf(`c${module}\n${name}\n`, tuple(unicode(argument)), "R");

/** A list that is remembered and put into itself, and so on: cheap to write, endless to walk. */
const endless = bytesOf("}q", 0, unicode("a"), "h", 0, "s");

const whole = await readFile(pthPath("tutorial.pt"));
const old = await readFile(pthPath("before_1_6.pth"));

const cases: readonly [what: string, file: Uint8Array, code: ErrorCode, says: RegExp][] = [
  [
    "os.system",
    torchArchive(calling("posix", "system", "touch x")),
    "failed_precondition",
    /^\S+ was refused: its pickle names posix\.system, and only tensors, dictionaries, lists, tuples, texts and numbers are read\./,
  ],
  [
    "builtins.eval by STACK_GLOBAL",
    torchArchive(
      bytesOf(unicode("builtins"), unicode("eval"), 0x93, tuple(unicode("1")), "R"),
    ),
    "failed_precondition",
    /its pickle names builtins\.eval, /,
  ],
  [
    "in the old format, before its magic number",
    pickle(calling("builtins", "eval", "1 + 1 + 1")),
    "failed_precondition",
    /its pickle names builtins\.eval, /,
  ],
  [
    "a class of its own, as torch.save(model) has it",
    torchArchive(bytesOf("c__main__\nUnetGenerator\n", ")", 0x81)),
    "failed_precondition",
    /its pickle names __main__\.UnetGenerator, /,
  ],
  [
    "an object of a known name",
    torchArchive(bytesOf("ccollections\nOrderedDict\n", ")", 0x81)),
    "failed_precondition",
    /its pickle makes an object of collections\.OrderedDict \(opcode 0x81\)/,
  ],
  [
    "a known name called otherwise",
    torchArchive(bytesOf("ctorch\nFloatStorage\n", ")R")),
    "data_loss",
    /its pickle calls torch\.FloatStorage as nobody does\.$/,
  ],
  [
    "a name that ends lines",
    torchArchive(bytesOf(unicode("a\nb"), unicode("c"), 0x93)),
    "failed_precondition",
    /its pickle names a\\nb\.c, /,
  ],
  ["a cut zip", whole.subarray(0, -1000), "data_loss", /its zip archive was cut short or damaged/],
  [
    "a zip without its end",
    whole.subarray(0, 3000),
    "data_loss",
    /its zip archive was cut short or damaged/,
  ],
  [
    "a zip of something else",
    torchArchive(good).map((byte) => byte === 0x2e ? 0x5f : byte), // data_pkl
    "data_loss",
    /it is a zip archive without a data\.pkl\.$/,
  ],
  [
    "a zip bomb",
    torchArchive(dict({ weight: tensor({ ...one, count: 2 ** 20 }) }), { "0": zeros(2 ** 20) }, {
      level: 9,
    }),
    "failed_precondition",
    /its entry archive\/data\/0 is compressed, to \d+ bytes of 4194304, and torch\.save compresses none\./,
  ],
  [
    "a storage larger than its entry",
    torchArchive(dict({ weight: tensor({ ...one, count: 3 }) }), { "0": zeros(2) }),
    "data_loss",
    /its storage 0 declares 12 bytes, and has 8\.$/,
  ],
  ["a storage that is missing", torchArchive(good), "data_loss", /its storage 0 is missing\.$/],
  [
    "a tensor past its storage",
    torchArchive(
      dict({ weight: tensor({ count: 4, offset: 1, shape: [2, 2], strides: [2, 1] }) }),
      {
        "0": zeros(4),
      },
    ),
    "data_loss",
    /its tensor weight, \[2,2\], reaches past its storage of 4 numbers\.$/,
  ],
  [
    "a number seen a billion times",
    torchArchive(dict({ weight: tensor({ count: 1, shape: [1e9], strides: [0] }) }), {
      "0": zeros(1),
    }),
    "data_loss",
    /its tensor weight, \[1000000000\], is larger than the file\.$/,
  ],
  [
    "many tensors of the same numbers",
    torchArchive(
      dict(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [
        `weight${index}`,
        tensor({ count: 5000, shape: [5000], strides: [1] }),
      ]))),
      { "0": zeros(5000) },
    ),
    "failed_precondition",
    /its tensors declare 2000000 bytes together, and it has \d+\./,
  ],
  [
    "a negative size",
    torchArchive(dict({ weight: tensor({ ...one, shape: [-1] }) }), { "0": zeros(1) }),
    "data_loss",
    /its pickle calls torch\._utils\._rebuild_tensor_v2 as nobody does\.$/,
  ],
  [
    "10,000 nested tuples",
    torchArchive(bytesOf(")", new Uint8Array(10_000).fill(0x85))),
    "failed_precondition",
    /its pickle has lists, tuples or dictionaries more than 64 deep in one another\./,
  ],
  [
    "a dictionary in itself",
    torchArchive(endless),
    "failed_precondition",
    /it holds no dictionary of tensors, as a state dict is\./,
  ],
  [
    "a million values",
    torchArchive(bytesOf("(", new Uint8Array(1_000_001).fill(0x4e), "t")),
    "failed_precondition",
    /its pickle makes more than 1000000 values\./,
  ],
  [
    "a long pickle",
    torchArchive(bytesOf("X", 0, 0, 0x80, 0, new Uint8Array(2 ** 23))),
    "failed_precondition",
    /its data\.pkl has \d+ bytes, and 8388608 are read\./,
  ],
  [
    "a long key",
    torchArchive(dict({ ["k".repeat(2000)]: tensor(one) }), { "0": zeros(1) }),
    "failed_precondition",
    /it has a key of 2000 letters: k{120}…\./,
  ],
  [
    "a pickle that ends early",
    torchArchive(bytesOf("X", 255, 255, 255, 127)),
    "data_loss",
    /it ends in the middle of its pickle\.$/,
  ],
  [
    "an empty stack",
    torchArchive(bytesOf("00")),
    "data_loss",
    /takes more from its stack than there is/,
  ],
  [
    "two tensors of one name",
    torchArchive(dict({ "a.b": tensor(one), a: dict({ b: tensor(one) }) }), { "0": zeros(1) }),
    "data_loss",
    /two of its tensors are called a\.b\.$/,
  ],
  [
    "another reference than to a storage",
    torchArchive(bytesOf(tuple(unicode("module")), "Q")),
    "data_loss",
    /it refers to something that is no storage\.$/,
  ],
  [
    "text",
    torchArchive(unicode("weights")),
    "failed_precondition",
    /it holds no dictionary of tensors/,
  ],
  [
    "a pickle of another program",
    pickle(dict({ "weights of a network": unicode("none") })),
    "failed_precondition",
    /it is a pickle that torch\.save did not write\./,
  ],
  [
    "an old file that was cut",
    old.subarray(0, -1000),
    "data_loss",
    /its storage \d+ of \d+ numbers reaches past its end: it was cut short\.$/,
  ],
  [
    "an old file of its beginning",
    old.subarray(0, 500),
    "data_loss",
    /in the middle of its pickle\.$/,
  ],
];

for (const [what, file, code, says] of cases) {
  Deno.test(`a file of torch.save is refused in a sentence: ${what}`, async () => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("model.pth");
    await writeFile(path, file);
    const refusal = code === "failed_precondition" ? [says, advice] : [says];
    await assert.rejects(openTensors(path), failsWith(code, ...refusal));
  });
}

Deno.test("of an upload that is refused nothing is stored", async () => {
  await using folder = await TemporaryFolder.create();
  const weights = await WeightsFiles.open(folder.path);
  const keep = async (file: Uint8Array) => {
    {
      await using arriving = await weights.receive("odd", 0);
      await arriving.write(file);
    }
    const sha256 = createHash("sha256").update(file).digest("hex");
    return await weights.keep("odd", sha256, {
      mayChange: () => {},
      signal: AbortSignal.timeout(60_000),
    });
  };
  const resnet = await readFile(pthPath("resnet18.pth"));
  // A safetensors file of another network: the header's length, the header, two numbers.
  const head = JSON.stringify({
    "head.weight": { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
  const strange = new Uint8Array(8 + head.length + 8);
  strange[0] = head.length;
  strange.set(new TextEncoder().encode(head), 8);
  const infinite = new Uint8Array(resnet);
  // NaN in place of the first number of all. torch fills up to multiples of 64 bytes, beginning with FB.
  const filling = resnet.indexOf("FB", resnet.indexOf("/data/0"));
  infinite.set([0, 0, 0xc0, 0x7f], Math.ceil((filling + 1) / 64) * 64);
  const refusals: [file: Uint8Array, says: RegExp][] = [
    [cases[0]![1], /its pickle names posix\.system/],
    [
      strange,
      /does not hold the weights of a resnet18, a resnet34 or a vgg16_bn .* It has head\.weight/,
    ],
    [infinite, /not finite, .*: state_dict\.module\.conv1\.weight \(1 of 294 numbers\)/],
  ];
  for (const [file, says] of refusals) {
    await assert.rejects(keep(file), says);
    assert.deepEqual(await weights.names(), []);
    assert.deepEqual(await readdir(folder.join("weights")), []);
  }
  const kept = await keep(resnet);
  assert.deepEqual([kept.ready?.network, kept.ready?.width], ["resnet18", 2]);
});

Deno.test("whatever bytes of a pickle are changed, it is read or refused in a sentence", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("changed.pth");
  for (const [file, length] of [[old, 6000], [whole, 9000]] as const) {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(length), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const changed = new Uint8Array(file);
          for (const [at, byte] of changes) changed[at] = byte;
          await writeFile(path, changed);
          try {
            await using opened = await openTensors(path);
            for (const { name, sizeBytes } of opened.tensors) {
              assert.ok(sizeBytes <= changed.length, name);
            }
          } catch (error) {
            assert.ok(error instanceof TinctError, `${error}`);
          }
        },
      ),
      { numRuns: 150 },
    );
  }
});
