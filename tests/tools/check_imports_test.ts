import assert from "assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkProject } from "../../tools/check_imports.ts";

const lines = (count: number) => "const a = 1;\n".repeat(count);
const machinePath = ["", "home", "ada", "photos"].join("/");

/** Planted files, and where and how the check must answer; no answer: nothing may be found. */
const cases: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly found?: readonly [file: string, line: number, problem: RegExp];
}[] = [
  {
    name: "a place may import what its row names, errors and its own files",
    files: {
      "src/training/loop.ts":
        'import { a } from "../engine/engine.ts";\nimport { b } from "../errors.ts";\n' +
        'import { c } from "./step.ts";\nimport { d } from "node:path";\n',
      "src/training/step.ts": 'import tf from "@tensorflow/tfjs";\n',
      "src/engine/engine.ts": 'import { t } from "@tensorflow/tfjs-node-gpu/dist/binding.js";\n',
      "src/errors.ts": "export const b = 1;\n",
    },
  },
  {
    name: "a place may not import a place its row does not name",
    files: { "src/images/lab.ts": 'const a = 1;\nimport { b } from "../engine/engine.ts";\n' },
    found: ["src/images/lab.ts", 2, /images may not import engine/],
  },
  {
    name: "types count as imports of a place",
    files: { "src/server/train.ts": 'import type { G } from "../model/unet.ts";\n' },
    found: ["src/server/train.ts", 1, /server may not import model/],
  },
  {
    name: "a dynamic import counts too",
    files: { "src/jobs/queue.ts": 'const f = () => import("../training/loop.ts");\n' },
    found: ["src/jobs/queue.ts", 1, /jobs may not import training/],
  },
  {
    name: "errors imports nothing",
    files: { "src/errors.ts": 'import { a } from "./config.ts";\n' },
    found: ["src/errors.ts", 1, /errors may not import config/],
  },
  {
    name: "tfjs stays where tensors are",
    files: { "src/checkpoints/store.ts": 'import tf from "@tensorflow/tfjs";\n' },
    found: ["src/checkpoints/store.ts", 1, /may not import the package/],
  },
  {
    name: "a package whose name begins like an allowed one is another package",
    files: { "src/model/unet.ts": 'import { a } from "@tensorflow/tfjs-node-gpu/dist/a.js";\n' },
    found: ["src/model/unet.ts", 1, /may not import the package/],
  },
  {
    name: "names in the data folder stand in one file",
    files: { "src/server/run.ts": 'const f = join(this.dataFolder, "jobs", id);\n' },
    found: ["src/server/run.ts", 1, /a name in the data folder/],
  },
  {
    name: "files are read where a row says so",
    files: { "src/server/train.ts": 'import { readFile } from "node:fs/promises";\n' },
    found: ["src/server/train.ts", 1, /imports "node:fs\/promises"/],
  },
  {
    name: "src/files reads files, and tests do",
    files: {
      "src/files/file.ts": 'import { readFile } from "node:fs/promises";\n',
      "tests/files/file_test.ts": 'import { existsSync } from "node:fs";\n',
    },
  },
  {
    name: "a folder has a limit, whatever lies below it",
    files: {
      "src/training/loop.ts": lines(400),
      ...Object.fromEntries(
        Array.from({ length: 13 }, (_, i) => [`src/training/deep/part_${i}.ts`, lines(400)]),
      ),
    },
    found: ["src/training/", 1, /5600 lines; 5500 at most/],
  },
  {
    name: "what is made from the protos does not count",
    files: Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`src/protocol/generated/a_${i}.ts`, lines(400)]),
    ),
  },
  {
    name: "sharp stays with the images",
    files: { "src/inference/photo.ts": 'import sharp from "sharp";\n' },
    found: ["src/inference/photo.ts", 1, /inference may not import the package "sharp"/],
  },
  {
    name: "packages come through the imports map",
    files: { "src/images/decode.ts": 'import sharp from "npm:sharp@0.35.5";\n' },
    found: ["src/images/decode.ts", 1, /by its address/],
  },
  {
    name: "the command line may import every place",
    files: { "src/cli/train.ts": 'import { a } from "../tensorflow/library.ts";\n' },
  },
  {
    name: "the program may not import its tests",
    files: { "src/cli/train.ts": 'import { a } from "../../tests/photos.ts";\n' },
    found: ["src/cli/train.ts", 1, /cli may not import tests/],
  },
  {
    name: "nothing is imported from outside",
    files: { "src/model/unet.ts": 'import { a } from "../../../other/a.ts";\n' },
    found: ["src/model/unet.ts", 1, /outside the layout/],
  },
  {
    name: "a new folder needs a row",
    files: { "src/things/a.ts": "export const a = 1;\n" },
    found: ["src/things/a.ts", 1, /no place of the layout/],
  },
  {
    name: "a cycle is found over several files",
    files: {
      "src/model/a.ts": 'import { b } from "./b.ts";\n',
      "src/model/b.ts": '\nimport { c } from "./c.ts";\n',
      "src/model/c.ts": 'import { a } from "./a.ts";\n',
    },
    found: ["src/model/a.ts", 1, /imports itself by way of src\/model\/b.ts -> src\/model\/c.ts/],
  },
  {
    name: "messages made from the protos may hold one another",
    files: {
      "src/protocol/generated/a.ts": 'import type { B } from "./b.ts";\n',
      "src/protocol/generated/b.ts": 'import type { A } from "./a.ts";\n',
    },
  },
  {
    name: "types close a cycle, too",
    files: {
      "src/model/a.ts": 'import { b } from "./b.ts";\n',
      "src/model/b.ts": 'import type { A } from "./a.ts";\n',
    },
    found: ["src/model/a.ts", 1, /imports itself by way of src\/model\/b.ts/],
  },
  {
    name: "FFI stays in src/tensorflow",
    files: { "src/engine/binding.ts": "export const open = () => Deno.dlopen(path, symbols);\n" },
    found: ["src/engine/binding.ts", 1, /FFI: Deno.dlopen/],
  },
  {
    name: "src/tensorflow may use FFI, and others may speak of it",
    files: {
      "src/tensorflow/library.ts": "export const open = () => Deno.dlopen(path, symbols);\n",
      "src/engine/binding.ts": "// Deno.dlopen is elsewhere.\n",
    },
  },
  {
    name: "the environment is read in src/config.ts",
    files: { "src/cli/main.ts": "\nconst home = process.env.HOME;\n" },
    found: ["src/cli/main.ts", 2, /the environment: process.env/],
  },
  {
    name: "the environment is not imported by name either",
    files: { "src/cli/main.ts": 'import { argv, env } from "node:process";\n' },
    found: ["src/cli/main.ts", 1, /the environment/],
  },
  {
    name: "the compiler is not silenced",
    files: { "src/model/unet.ts": `// @ts-${"ignore"}: later\nexport const a = 1;\n` },
    found: ["src/model/unet.ts", 1, /a silenced compiler/],
  },
  {
    name: "no path of one machine, in code, text or settings",
    files: { "docs/guide.md": `Put them\nin ${machinePath}.\n` },
    found: ["docs/guide.md", 2, /an absolute path of one machine/],
  },
  {
    name: "relative paths and addresses are no paths of one machine",
    files: {
      "docs/guide.md": "See ~/tmp/a, src/home/b, https://example.org/home/c, $DIR/tmp/d.\n",
    },
  },
  {
    name: "no package registry of one machine",
    files: { "deno.lock": '{\n"tarball": "http://localhost:4873/a.tgz"\n}\n' },
    found: ["deno.lock", 2, /a package registry of one machine/],
  },
  {
    name: "file names are snake_case",
    files: { "src/model/uNet.ts": "export const a = 1;\n" },
    found: ["src/model/uNet.ts", 1, /the name "uNet"/],
  },
  {
    name: "names say what a file answers for",
    files: { "src/model/tensor_utils.ts": "export const a = 1;\n" },
    found: ["src/model/tensor_utils.ts", 1, /"utils" says nothing/],
  },
  {
    name: "folders' names say it too",
    files: { "src/model/common/shapes.ts": "export const a = 1;\n" },
    found: ["src/model/common/shapes.ts", 1, /"common" says nothing/],
  },
  { name: "a file of 450 lines passes", files: { "src/model/unet.ts": lines(450) } },
  {
    name: "a file of 451 lines is too long",
    files: { "src/model/unet.ts": lines(451) },
    found: ["src/model/unet.ts", 451, /451 lines; 450 at most/],
  },
  {
    name: "a worker's entry file has at most 70 lines",
    files: { "workers/train.ts": lines(71) },
    found: ["workers/train.ts", 71, /71 lines; 70 at most/],
  },
  {
    name: "modules do no work when they are imported",
    files: { "src/model/unet.ts": "const a = 1;\nregister(a);\n" },
    found: ["src/model/unet.ts", 2, /does work when it is imported: register/],
  },
  {
    name: "modules wait for nothing when they are imported",
    files: { "src/model/unet.ts": "export const a = await load();\n" },
    found: ["src/model/unet.ts", 1, /does work when it is imported/],
  },
  {
    name: "modules are not imported for their effect",
    files: { "src/model/unet.ts": 'import "./patchgan.ts";\n', "src/model/patchgan.ts": "" },
    found: ["src/model/unet.ts", 1, /for its effect/],
  },
  {
    name: "programs work, and declarations may span lines and hold templates",
    files: {
      "src/cli/main.ts": "await main();\n",
      "src/model/unet.ts":
        "export const help = `\nuse(this)\n${a} b\n`;\nexport function a(\n  b: 1,\n) {}\n",
    },
  },
];

const isOfExports = (problem: string) => problem.endsWith("which no file imports");

for (const { name, files, found } of cases) {
  Deno.test(`checkProject(): ${name}`, () => {
    // Of unused exports the next tests tell.
    const violations = checkProject(new Map(Object.entries(files)))
      .filter(({ problem }) => !isOfExports(problem));
    const places = violations.map(({ file, line }) => `${file}:${line}`);
    if (found === undefined) return assert.deepEqual(violations, []);
    const [file, line, problem] = found;
    assert.deepEqual(places, [`${file}:${line}`]);
    assert.match(violations[0]?.problem ?? "", problem);
    assert.notEqual(violations[0]?.remedy, "");
  });
}

Deno.test("checkProject(): what is exported is imported somewhere", () => {
  const unused = (files: Readonly<Record<string, string>>) =>
    checkProject(new Map(Object.entries(files))).filter(({ problem }) => isOfExports(problem))
      .map(({ file, line, problem }) => `${file}:${line}: ${problem}`);
  const errors = "export interface A {}\nexport const b = 1;\n";
  assert.deepEqual(unused({ "src/errors.ts": errors }), [
    "src/errors.ts:1: exports A, which no file imports",
    "src/errors.ts:2: exports b, which no file imports",
  ]);
  const importer = 'import { type A, b as c } from "../errors.ts";\n';
  assert.deepEqual(unused({ "src/errors.ts": errors, "src/model/unet.ts": importer }), []);
  const whole = 'export * as errors from "../errors.ts";\n';
  assert.deepEqual(unused({ "src/errors.ts": errors, "src/model/unet.ts": whole }), []);
  const elsewhere = 'import { A, b } from "./errors.ts";\n';
  assert.equal(unused({ "src/errors.ts": errors, "src/model/unet.ts": elsewhere }).length, 2);
  assert.deepEqual(unused({ "src/protocol/generated/a.ts": errors }), []);
  assert.deepEqual(unused({ "tests/faults/dying_saves.ts": errors }), []);
});

Deno.test("checkProject(): the pages know nothing of the rest, not even what all others may", () => {
  const page = 'import { TinctError } from "../errors.ts";\nimport { join } from "node:path";\n' +
    'import { render } from "preact";\n';
  const found = checkProject(new Map([["src/web/app.tsx", page], ["src/errors.ts", ""]]))
    .map(({ line, problem }) => `${line}: ${problem}`);
  assert.deepEqual(found, [
    '1: web may not import errors ("../errors.ts")',
    '2: imports "node:path"',
  ]);
});

Deno.test("check_imports.ts prints file, line and remedy, and fails", async () => {
  const root = await mkdtemp(join(tmpdir(), "tinct-layout-"));
  try {
    await mkdir(join(root, "src/model"), { recursive: true });
    await mkdir(join(root, "node_modules/x"), { recursive: true });
    await writeFile(join(root, "src/model/unet.ts"), 'import sharp from "sharp";\n');
    await writeFile(join(root, "node_modules/x/utils.ts"), 'import "../y.ts";\n');
    const tool = fileURLToPath(new URL("../../tools/check_imports.ts", import.meta.url));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read", tool, root],
    }).output();
    const text = new TextDecoder();
    assert.equal(
      text.decode(stderr).trim(),
      'src/model/unet.ts:1: model may not import the package "sharp": only images may.',
    );
    assert.equal(text.decode(stdout).trim(), "1 files, broken layout rules: 1");
    assert.equal(code, 1);
  } finally {
    await rm(root, { recursive: true });
  }
});
