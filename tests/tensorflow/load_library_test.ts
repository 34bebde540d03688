import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { loadTensorFlow } from "../../src/tensorflow/load_library.ts";
import { symbols } from "../../src/tensorflow/symbols.ts";
import { testLibrary } from "./test_library.ts";

const functionNames = [
  ...new Set(
    Object.entries(symbols).filter(([, entry]) => !("optional" in entry))
      .map(([key, entry]) => "name" in entry ? entry.name : key),
  ),
];

/** The sentence with which a file is refused. */
function refusal(path: string): string {
  try {
    loadTensorFlow(path);
  } catch (error) {
    assert.ok(error instanceof TinctError);
    assert.equal(error.code, "failed_precondition");
    assert.ok(error.message.includes(path), error.message);
    assert.ok(error.message.includes("deno task tinct setup"), error.message);
    return error.message;
  }
  return assert.fail(`${path} was taken for TensorFlow`);
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tinct-library-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A shared library that has functions of these names and nothing else. */
async function compile(folder: string, names: readonly string[]): Promise<string> {
  const source = join(folder, "library.c");
  const library = join(folder, "library.so");
  await writeFile(source, names.map((name) => `void ${name}(void) {}\n`).join(""));
  const { status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  assert.equal(status, 0, String(stderr));
  return library;
}

const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
const compiled = { ignore: !hasCompiler };
const reason = hasCompiler ? "" : " (not run: no C compiler)";

Deno.test("loadTensorFlow() says which version it has loaded", () => {
  assert.match(testLibrary().version, /^2\.\d+\.\d+/);
});

Deno.test("loadTensorFlow() names a file that is not there", () => {
  const message = refusal(join("no", "such", "libtensorflow_cc.so.2"));
  assert.match(message, /No such file|no such file/);
  assert.equal(message.match(/Could not open library/g), null);
});

Deno.test("loadTensorFlow() refuses a file that is no library", () =>
  withFolder(async (folder) => {
    const path = join(folder, "libtensorflow_cc.so.2");
    for (const content of ["", "not a library", "\x7fELF"]) {
      await writeFile(path, content);
      refusal(path);
    }
  }));

Deno.test("loadTensorFlow() does not list every function that another library lacks", () => {
  const path = process.platform === "darwin" ? "libSystem.B.dylib" : "libm.so.6";
  assert.match(refusal(path), /cannot be used: it has none of TensorFlow's functions\. Run/);
});

Deno.test({
  name: `loadTensorFlow() names each function that is missing${reason}`,
  ...compiled,
  fn: () =>
    withFolder(async (folder) => {
      const missing = ["TFE_Execute", "TF_GraphToFunctionWithControlOutputs"];
      const path = await compile(folder, functionNames.filter((name) => !missing.includes(name)));
      assert.match(
        refusal(path),
        /: it lacks TFE_Execute, TF_GraphToFunctionWithControlOutputs, which TensorFlow 2\.21 has\./,
      );
    }),
});

Deno.test({
  name: `loadTensorFlow() names the first of many functions that are missing${reason}`,
  ...compiled,
  fn: () =>
    withFolder(async (folder) => {
      const path = await compile(folder, functionNames.slice(20));
      const named = functionNames.slice(0, 8).join(", ");
      assert.ok(refusal(path).includes(`it lacks ${named} and 12 more, which`));
    }),
});
