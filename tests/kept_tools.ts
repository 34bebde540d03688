/**
 * What tests fetch from elsewhere and keep: in the folder `tests` of the program's cache, under names
 * that say what is in it, so that the next run of the tests finds it. Whoever removes the folder has
 * it fetched anew.
 */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { readEnvironment } from "../src/config.ts";

const run = promisify(execFile);
const folder = () => join(readEnvironment().cacheFolder, "tests");

/**
 * A Python environment with the packages of requirement files, made where there is none yet.
 *
 * @returns the folder of its programs, `python` among them.
 * @throws what is missing: Python, its venv, or the packages.
 */
export async function pythonWith(requirements: readonly string[]): Promise<string> {
  const { stdout: version } = await run("python3", [
    "-c",
    "import sys; print(sys.executable, sys.version)",
  ]);
  const texts = await Promise.all(requirements.map((file) => readFile(file, "utf8")));
  const key = createHash("sha256").update([version, ...texts].join("\n")).digest("hex");
  const name = `python-${key.slice(0, 16)}`;
  // Programs of an environment hold its path, so it cannot be renamed: a file says where the whole one is.
  const pointer = join(folder(), `${name}.path`);
  const kept = await readFile(pointer, "utf8").catch(() => "");
  if (kept !== "" && await isThere(join(kept, "python"))) return kept;
  const made = join(folder(), `${name}-${randomUUID()}`);
  try {
    await run("python3", ["-m", "venv", made]);
    const bin = join(made, "bin");
    const files = requirements.flatMap((file) => ["-r", file]);
    await run(join(bin, "python"), ["-m", "pip", "install", "--quiet", ...files]);
    await writeFile(`${made}.path`, bin);
    await rename(`${made}.path`, pointer);
    return bin;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/**
 * A Python with the packages of requirement files. Where it cannot be had, a step of the test that is
 * left out says why.
 *
 * @param what it is to have, for people.
 * @returns its path; undefined where it cannot be had.
 */
export async function pythonFor(
  t: Deno.TestContext,
  what: string,
  requirements: readonly string[],
): Promise<string | undefined> {
  try {
    return join(await pythonWith(requirements), "python");
  } catch (error) {
    const name = `no Python with ${what}: ${String(error).split("\n")[0]}`;
    await t.step({ name, ignore: true, fn() {} });
    return undefined;
  }
}

/**
 * Programs written in Go, built where they are not there yet.
 *
 * @param packages such as "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11".
 * @returns the folder that they are in.
 * @throws what is missing: Go, or the packages.
 */
export async function goProgramsOf(packages: readonly string[]): Promise<string> {
  const key = createHash("sha256").update(packages.join("\n")).digest("hex");
  const bin = join(folder(), `go-${key.slice(0, 16)}`);
  const programs = packages.map((each) => join(bin, /([^/@]+)@/.exec(each)?.[1] ?? ""));
  if ((await Promise.all(programs.map(isThere))).every((there) => there)) return bin;
  const made = `${bin}-${randomUUID()}`;
  try {
    const env = { ...process.env, GOBIN: made, GOFLAGS: "-modcacherw" };
    for (const each of packages) await run("go", ["install", each], { env });
    await mkdir(bin, { recursive: true });
    for (const program of programs) {
      await rename(join(made, program.slice(bin.length + 1)), program);
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return bin;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false);
}
