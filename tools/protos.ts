/**
 * Looks after the protos: `deno task protos` formats and lints them, compares them with the contract
 * that clients have, and then writes anew that contract's image and the TypeScript types.
 *
 * With `--check` it writes nothing and fails where something would change. `--breaking` accepts a
 * change that breaks clients.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { API_REFERENCE, describeApi } from "./api_reference.ts";
import { GENERATED_FOLDER, generateProtocol } from "./generate_protocol.ts";

/** 96 MB, so it is in no lock file that a user of the program installs. */
const BUF = "npm:@bufbuild/buf@1.74.0";
const BUF_LOCK = "tools/buf_lock.json";

/** The public contract as a serialized FileDescriptorSet: for comparing, and for reflection. */
const IMAGE = "protos/contract.binpb";
const PUBLIC = ["protos/tinct/v1", "protos/inference", "protos/grpc", "protos/google/rpc"];

async function buf(...parameters: string[]): Promise<boolean> {
  const runtime = ["run", "-A", "--quiet", "--no-config", "--node-modules-dir=none"];
  const lock = [`--lock=${BUF_LOCK}`, "--frozen"];
  const child = spawn(process.execPath, [...runtime, ...lock, BUF, ...parameters], {
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

async function buildImage(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "tinct-protos-"));
  try {
    const path = join(folder, "contract.binpb");
    const imageFlags = ["--exclude-source-info", "--as-file-descriptor-set"];
    const wanted = PUBLIC.flatMap((place) => ["--path", place]);
    if (!await buf("build", ...imageFlags, ...wanted, "-o", path)) {
      throw new Error("buf could not build the protos.");
    }
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Brings a folder to the given contents. @returns the files that differ or differed. */
async function settle(files: ReadonlyMap<string, Uint8Array>, write: boolean): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, wanted] of files) {
    const present = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (present !== undefined && Buffer.compare(present, wanted) === 0) continue;
    changed.push(path);
    if (!write) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, wanted);
  }
  await mkdir(GENERATED_FOLDER, { recursive: true });
  for (const entry of await readdir(GENERATED_FOLDER, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || files.has(path)) continue;
    changed.push(path);
    if (write) await rm(path);
  }
  return changed;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { check: { type: "boolean" }, breaking: { type: "boolean" } },
  });
  const write = values.check !== true;
  const formatted = await buf("format", ...(write ? ["--write"] : ["--diff", "--exit-code"]));
  const linted = await buf("lint");
  const compatible = values.breaking === true || await buf("breaking", "--against", IMAGE);
  if (!formatted || !linted || !compatible) {
    console.error("The protos are not in order; nothing was made from them.");
    process.exitCode = 1;
    return;
  }
  const files = new Map<string, Uint8Array>([[IMAGE, await buildImage()]]);
  for (const [path, text] of await generateProtocol(".")) {
    files.set(`${GENERATED_FOLDER}/${path}`, new TextEncoder().encode(text));
  }
  files.set(API_REFERENCE, new TextEncoder().encode(await describeApi(".")));
  const changed = await settle(files, write);
  for (const path of changed) console.log(`${write ? "wrote" : "out of date:"} ${path}`);
  console.log(`${files.size} files made from the protos, ${changed.length} of them changed`);
  if (!write && changed.length > 0) {
    console.error("Run `deno task protos` and commit what it writes.");
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
