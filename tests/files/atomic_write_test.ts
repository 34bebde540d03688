import assert from "assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  removeFolderAtomically,
  replaceFolder,
  writeFileAtomically,
  writeFolderAtomically,
} from "../../src/files/atomic_write.ts";
import { removeLeftovers, TemporaryName } from "../../src/files/temporary_names.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Collects the steps that a writing goes through. */
async function stepsOf(write: (failpoint: (step: string) => void) => Promise<unknown>) {
  const steps: string[] = [];
  await write((step) => void steps.push(step));
  return steps;
}

/** A failpoint that throws after the n-th step. */
function failAfter(count: number): () => void {
  let taken = 0;
  return () => {
    if (++taken === count) throw new Error("planned failure");
  };
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync("true").pid;
}

Deno.test("writeFileAtomically() leaves the old or the new content at every step", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("file");
  const write = (failpoint: (step: string) => void) =>
    writeFileAtomically(path, "new", { failpoint });
  const steps = await stepsOf(write);
  assert.deepEqual(steps, ["file made", "file written", "file synced", "file renamed"]);
  for (const [index, step] of steps.entries()) {
    await writeFile(path, "old");
    await assert.rejects(write(failAfter(index + 1)), /planned failure/);
    assert.equal(await readFile(path, "utf8"), step === "file renamed" ? "new" : "old");
    assert.deepEqual(await readdir(folder.path), ["file"]);
  }
});

Deno.test("writeFolderAtomically() shows the old or the new folder at every step", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("folder");
  const write = (content: string, failpoint?: (step: string) => void) =>
    writeFolderAtomically(path, async (writer) => {
      await writer.writeFile("a", content);
      await writer.writeFile("b", content);
    }, { failpoint });
  await write("old");
  const steps = await stepsOf((failpoint) => write("new", failpoint));
  assert.deepEqual(steps, [
    "folder made",
    "a: file made",
    "a: file written",
    "a: file synced",
    "b: file made",
    "b: file written",
    "b: file synced",
    "folder synced",
    "old folder moved aside",
    "folder renamed",
    "parent synced",
  ]);
  for (const [index] of steps.entries()) {
    await write("old");
    await assert.rejects(write("new", failAfter(index + 1)), /planned failure/);
    await removeLeftovers(folder.path);
    assert.deepEqual(await readdir(folder.path), ["folder"]);
    const expected = index < steps.indexOf("folder renamed") ? "old" : "new";
    assert.equal(await readFile(folder.join("folder", "a"), "utf8"), expected);
    assert.equal(await readFile(folder.join("folder", "b"), "utf8"), expected);
  }
});

Deno.test("writeFolderAtomically() replaces nothing that comes meanwhile, if it is not to", async () => {
  await using folder = await TemporaryFolder.create();
  for (
    const [name, come] of [
      ["folder", async (path: string) => {
        await mkdir(path);
        await writeFile(join(path, "theirs"), "theirs");
      }],
      ["file", (path: string) => writeFile(path, "theirs")],
    ] as const
  ) {
    const path = folder.join(name);
    await assert.rejects(
      writeFolderAtomically(path, async ({ writeFile }) => {
        await writeFile("mine", "mine");
        await come(path);
      }, { replaces: false }),
      { code: "already_exists", message: `${path} exists already.` },
    );
    const theirs = name === "file" ? path : join(path, "theirs");
    assert.equal(await readFile(theirs, "utf8"), "theirs");
  }
  const path = folder.join("new");
  await writeFolderAtomically(path, ({ writeFile }) => writeFile("mine", "mine"), {
    replaces: false,
  });
  assert.deepEqual((await readdir(folder.path)).sort(), ["file", "folder", "new"]);
});

Deno.test("writeFileAtomically() stops when it is aborted, and leaves nothing", async () => {
  await using folder = await TemporaryFolder.create();
  const controller = new AbortController();
  const reason = new Error("stop");
  const content = async (file: { write(bytes: Uint8Array): Promise<void> }) => {
    await file.write(new Uint8Array(1000));
    controller.abort(reason);
    await file.write(new Uint8Array(1000));
    assert.fail("wrote on");
  };
  const { signal } = controller;
  await assert.rejects(
    writeFileAtomically(folder.join("file"), content, { signal }),
    (error) => error === reason,
  );
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("writeFileAtomically() says what keeps it from writing", async () => {
  await using folder = await TemporaryFolder.create();
  await assert.rejects(
    writeFileAtomically(folder.join("none", "file"), "x"),
    failsWith("not_found", /none\/file/, /folder does not exist/),
  );
  await writeFile(folder.join("file"), "x");
  await assert.rejects(
    writeFileAtomically(folder.join("file", "file"), "x"),
    failsWith("failed_precondition", /file\/file/),
  );
});

Deno.test("a worker without write permission is told which path", async () => {
  await using folder = await TemporaryFolder.create();
  const module = new URL("../../src/files/atomic_write.ts", import.meta.url);
  const script = `import { writeFileAtomically } from ${JSON.stringify(module.href)};
    try { await writeFileAtomically(${JSON.stringify(folder.join("file"))}, "x"); }
    catch (error) { console.log(error.code, error.message); }`;
  const main = folder.join("main.ts");
  await writeFile(main, script);
  const output = execFileSync(process.execPath, ["run", "--no-config", "--allow-read", main], {
    encoding: "utf8",
  });
  assert.match(output, /^permission_denied No permission to write .*file/);
});

Deno.test("a full disk is named with the free space, and is as free as before", async (t) => {
  await using folder = await TemporaryFolder.create();
  const disk = await SmallDisk.mount(folder.join("disk"), 1024 * 1024);
  const full = failsWith(
    "resource_exhausted",
    /disk is full: .*disk\/big could not be written \(7\d\d kB free/,
  );
  await t.step({
    name: "file and folder",
    // Needs root on Linux, to mount a disk of 1 MiB.
    ignore: disk === undefined,
    fn: async () => {
      await using mounted = disk;
      assert.ok(mounted);
      await writeFile(folder.join("disk", "kept"), new Uint8Array(250_000));
      const big = new Uint8Array(900_000);
      await assert.rejects(writeFileAtomically(folder.join("disk", "big"), big), full);
      await assert.rejects(
        writeFolderAtomically(folder.join("disk", "big"), async (writer) => {
          await writer.writeFile("a", big.subarray(0, 500_000));
          await writer.writeFile("b", big.subarray(0, 500_000));
        }),
        full,
      );
      assert.deepEqual(await readdir(folder.join("disk")), ["kept"]);
      await writeFileAtomically(folder.join("disk", "fits"), big.subarray(0, 600_000));
    },
  });
});

Deno.test("removeLeftovers() removes what dead writers left, and nothing else", async () => {
  await using folder = await TemporaryFolder.create();
  const dead = deadPid();
  const parent = process.ppid;
  const stays = [
    "step-00000001",
    ".hidden",
    `.step-00000001.tmp-${dead}-xyz`,
    `.step-00000002.tmp-${parent}-0123abcd`,
    `.tinct-tmp-${parent}-0123abcd`,
    `.tinct-old-${dead}-0123abcd`, // nothing of ours
  ];
  const goes = [
    `.step-00000001.tmp-${dead}-0123abcd`,
    `.step-00000001.tmp-${process.pid}-0123abcd`,
    `.tinct-tmp-${dead}-0123abcd`,
  ];
  for (const name of [...stays, ...goes]) {
    await mkdir(folder.join(name));
    await writeFile(folder.join(name, "file"), "x");
  }
  using ours = new TemporaryName(folder.join("step-00000003"), "tmp");
  await mkdir(ours.path);
  assert.deepEqual((await removeLeftovers(folder.path)).sort(), goes.sort());
  const left = (await readdir(folder.path)).map((name) => folder.join(name)).sort();
  assert.deepEqual(left, [...stays.map((name) => folder.join(name)), ours.path].sort());
});

Deno.test("removeLeftovers() brings back a folder whose successor never came", async () => {
  await using folder = await TemporaryFolder.create();
  const dead = deadPid();
  await mkdir(folder.join(`.lost.old-${dead}-0123abcd`));
  await mkdir(folder.join(`.replaced.old-${dead}-0123abcd`));
  await mkdir(folder.join("replaced"));
  await removeLeftovers(folder.path);
  assert.deepEqual((await readdir(folder.path)).sort(), ["lost", "replaced"]);
});

Deno.test("removeFolderAtomically() puts a folder back that is wanted after all", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("x"));
  const seen: string[][] = [];
  const removed = await removeFolderAtomically(folder.join("x"), {
    stillUnwanted: async () => {
      seen.push((await readdir(folder.path)).filter((name) => !name.startsWith(".")));
      return false;
    },
  });
  assert.equal(removed, false);
  assert.deepEqual(seen, [[]]);
  assert.deepEqual(await readdir(folder.path), ["x"]);
  assert.equal(await removeFolderAtomically(folder.join("x")), true);
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("writeFileAtomically() writes a file whose name is as long as may be", async () => {
  await using folder = await TemporaryFolder.create();
  for (const name of ["n".repeat(255), "写".repeat(85)]) {
    await writeFileAtomically(folder.join(name), "x");
    assert.equal(await readFile(folder.join(name), "utf8"), "x");
  }
});

Deno.test("replaceFolder() leaves what has the place where the moving fails, and nothing of it else", async () => {
  await using folder = await TemporaryFolder.create();
  const [from, to] = [folder.join("from"), folder.join("to")];
  await mkdir(to);
  await writeFile(join(to, "file"), "old");
  await assert.rejects(replaceFolder(from, to), failsWith("not_found", /does not exist/));
  assert.equal(await readFile(join(to, "file"), "utf8"), "old");
  for (const content of ["new", "first"]) {
    await mkdir(from);
    await writeFile(join(from, "file"), content);
    await replaceFolder(from, to);
    assert.deepEqual(await readdir(folder.path), ["to"]);
    assert.equal(await readFile(join(to, "file"), "utf8"), content);
    await removeFolderAtomically(to);
  }
});
