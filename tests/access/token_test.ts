import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct, runTinct } from "../cli/run_tinct.ts";
import { until } from "../in_time.ts";
import { ServedProcess } from "../service/served_process.ts";

Deno.test("tinct token lists and removes, and a running server takes it up without a restart", async () => {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("access.json");
  const token = (...argv: string[]) => runKeptTinct(["token", ...argv, "--access", file]);
  const made = await token("ci", "--scopes", "read,train");
  assert.equal((await stat(file)).mode & 0o777, 0o600, "a new file is its maker's alone");
  const other = await token("ops", "--scopes", "admin");
  await using served = await ServedProcess.start(folder.join("data"), ["--access", file]);
  const jobs = (of: { stdout: string }) =>
    runKeptTinct(["jobs", "--server", served.address], {
      environment: { TINCT_TOKEN: of.stdout.trim() },
    });
  assert.equal((await jobs(made)).code, 0);

  const listed = await token("--list");
  assert.equal(listed.stdout, "ci   read,train\nops  admin\n");
  assert.deepEqual(JSON.parse((await token("--list", "--json")).stdout), {
    tokens: [{ name: "ci", scopes: ["read", "train"] }, { name: "ops", scopes: ["admin"] }],
  });
  const twice = await token("ci");
  assert.equal(twice.code, 1);
  assert.equal(twice.stdout, "");
  assert.match(
    twice.stderr,
    /^The token ci exists already: choose another name, or remove it first with --remove ci/,
  );

  const removed = await token("--remove", "ci");
  assert.equal(removed.code, 0, removed.stderr);
  assert.equal(removed.stderr, "Removed 1 token of the name ci.\n");
  await until(
    () => served.lines.some(({ message }) => message === "The access list was read again."),
    "the server reads the access list again",
  );
  const refused = await jobs(made);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /This server does not know the token/);
  assert.equal((await jobs(other)).code, 0, "the other one still works");
  const missing = await token("--remove", "ci");
  assert.match(missing.stderr, /access\.json has no token ci; --list names those it has/);
});

Deno.test("tinct token leaves mode, links and what else stands in the file as they are", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("real"));
  const [file, link] = [folder.join("real", "access.json"), folder.join("access.json")];
  const certificates = [{ name: "dash", commonName: "dash.example", scopes: ["read"] }];
  const sha256 = "0".repeat(64);
  // Older versions made two tokens of a name.
  const tokens = ["a", "twin", "twin"].map((name) => ({ name, sha256, scopes: ["read"] }));
  await writeFile(file, JSON.stringify({ tokens, certificates }));
  await chmod(file, 0o640);
  await symlink(file, link);
  const done = await runKeptTinct(["token", "--remove", "twin", "--access", link]);
  assert.match(done.stderr, /^Removed 2 tokens of the name twin\./);
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.equal((await stat(file)).mode & 0o777, 0o640, "or its server could not read it any more");
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), {
    tokens: tokens.slice(0, 1),
    certificates,
  });
  await rename(file, folder.join("kept"));
  await writeFile(file, "no JSON");
  const refused = await runKeptTinct(["token", "b", "--access", link]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /access\.json: it is not JSON/);
  assert.equal(await readFile(file, "utf8"), "no JSON");
});

Deno.test("of two changes at the same moment neither is lost", async () => {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("access.json");
  await using holder = await changeUntilTold(file, "first", folder.join("change.ts"));
  // It ends by itself where nothing holds it off, and then the first one's change replaces its own.
  const second = runTinct(["token", "second", "--access", file], { onError: holder.finish });
  void second.then(holder.finish);
  assert.equal(await holder.code, 0);
  const { code, stderr } = await second;
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^Waiting for another process that is changing a file beside .*access\.json/,
  );
  const listed = await runKeptTinct(["token", "--list", "--access", file]);
  assert.equal(listed.stdout, "first   read\nsecond  read\n");
});

/** A process that has read an access file and puts a token there once it is told to finish. */
async function changeUntilTold(file: string, name: string, script: string) {
  const module = fileURLToPath(new URL("../../src/access/change_access_file.ts", import.meta.url));
  await writeFile(
    script,
    `import { changeTokens } from ${JSON.stringify(module)};
    await changeTokens(${JSON.stringify(file)}, (tokens) => {
      console.log("read");
      Deno.stdin.readSync(new Uint8Array(1));
      return [...tokens, { name: ${
      JSON.stringify(name)
    }, sha256: "0".repeat(64), scopes: ["read"] }];
    });`,
  );
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const child = spawn(
    Deno.execPath(),
    ["run", "-A", "--no-check", "--config", config, script],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  await Promise.race([once(child.stdout, "data"), code]);
  return {
    code,
    finish: () => void child.stdin.end("."),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await code;
    },
  };
}

const misuses: readonly { readonly argv: readonly string[]; readonly says: RegExp }[] = [
  { argv: [], says: /^Give one of NAME, --list and --remove NAME/ },
  { argv: ["ci", "--list"], says: /^Give one of NAME/ },
  { argv: ["--list", "--remove", "ci"], says: /^Give one of NAME/ },
  {
    argv: ["--list", "--scopes", "read", "--access", "a"],
    says: /^--scopes does not go with --list/,
  },
  { argv: ["ci", "--json", "--access", "a"], says: /^--json goes with --list alone/ },
  { argv: ["--list"], says: /^--access is missing/ },
];

for (const { argv, says } of misuses) {
  Deno.test(`tinct token ${argv.join(" ")} is refused`, async () => {
    const { code, stderr } = await runKeptTinct(["token", ...argv]);
    assert.match(stderr, says);
    assert.equal(code, 2);
  });
}
