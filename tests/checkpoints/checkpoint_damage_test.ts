import assert from "assert";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TinctError } from "../../src/errors.ts";
import { assertHolds, failsWith, trainingState } from "./small_run.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const FILES = [
  "checkpoint.json",
  "generator.safetensors",
  "discriminator.safetensors",
  "optimizer_G.safetensors",
  "optimizer_D.safetensors",
] as const;

/** A run with the sound checkpoints of steps 1 and 2. */
async function runOfTwo() {
  const folder = await TemporaryFolder.create();
  const warnings: TinctError[] = [];
  const store = await openCheckpointStore(folder.path, {
    programVersion: "1",
    onWarning: (warning) => warnings.push(warning),
  });
  await store.save(trainingState(1));
  await store.save(trainingState(2));
  return {
    store,
    warnings,
    newest: folder.join("checkpoints", "step-00000002"),
    folder,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Rewrites a checkpoint.json with a checksum that fits. */
async function editManifest(path: string, edit: (manifest: Record<string, unknown>) => void) {
  const manifest: Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
  edit(manifest);
  delete manifest.sha256;
  const sha256 = createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
  await writeFile(path, JSON.stringify({ ...manifest, sha256 }));
}

Deno.test("one flipped bit is found in every byte of every file", async () => {
  await using run = await runOfTwo();
  for (const name of FILES) {
    const path = `${run.newest}/${name}`;
    const sound = await readFile(path);
    for (let at = 0; at < sound.length; at++) {
      await writeFile(path, sound.with(at, (sound[at] ?? 0) ^ (1 << (at % 8))));
      await assert.rejects(
        readCheckpointInfo(run.newest).then(openCheckpoint),
        failsWith("data_loss", new RegExp(`step-00000002/${name.replace(".", "\\.")}`)),
        `${name}, byte ${at}`,
      );
    }
    await writeFile(path, sound);
  }
  await using loaded = await run.store.load(2);
  await assertHolds(loaded, 2);
});

Deno.test("a checkpoint cut short at each border of a file is passed over", async () => {
  await using run = await runOfTwo();
  for (const name of FILES) {
    const path = `${run.newest}/${name}`;
    const sound = await readFile(path);
    // The borders of the format (length field, header, data) and what lies beside them.
    const headerEnd = 8 + sound.readUInt8(0) + 256 * sound.readUInt8(1);
    const lengths = [0, 1, 7, 8, 9, headerEnd - 1, headerEnd, headerEnd + 1, sound.length - 1];
    for (const length of lengths.filter((length) => length < sound.length)) {
      await writeFile(path, sound.subarray(0, length));
      run.warnings.length = 0;
      await using loaded = await run.store.loadLatestGood();
      await assertHolds(loaded, 1);
      assert.equal(run.warnings.length, 1);
      failsWith("data_loss", new RegExp(`step-00000002/${name}`))(run.warnings[0]);
      await assert.rejects(run.store.load("latest"), failsWith("data_loss", /step-00000002/));
      await assert.rejects(run.store.load(2), failsWith("data_loss", /step-00000002/));
    }
    await writeFile(path, sound);
  }
});

Deno.test("loadLatestGood() passes over each kind of damage and says why", async (t) => {
  const manifest = "checkpoint.json";
  const generator = "generator.safetensors";
  const cases: { name: string; damage: (step: string) => Promise<void>; says: RegExp }[] = [
    {
      name: "no checkpoint.json",
      damage: (step) => rm(`${step}/${manifest}`),
      says: /step-00000002 has no checkpoint\.json/,
    },
    {
      name: "an empty checkpoint.json",
      damage: (step) => writeFile(`${step}/${manifest}`, ""),
      says: /checkpoint\.json is empty/,
    },
    {
      name: "a checkpoint.json that is none",
      damage: (step) => writeFile(`${step}/${manifest}`, "[1]"),
      says: /checkpoint\.json is cut short or not JSON: it is no object/,
    },
    {
      name: "a checkpoint.json edited by hand",
      damage: async (step) => {
        const text = await readFile(`${step}/${manifest}`, "utf8");
        await writeFile(`${step}/${manifest}`, text.replace('"seed": 7', '"seed": 8'));
      },
      says: /checkpoint\.json does not match its own checksum/,
    },
    {
      name: "a field of another type",
      damage: (step) => editManifest(`${step}/${manifest}`, (json) => json.step = "2"),
      says: /checkpoint\.json: step is "2", where a whole number from 0 is expected/,
    },
    {
      name: "a file name that leads out",
      damage: (step) =>
        editManifest(`${step}/${manifest}`, (json) => {
          json.files = [{ name: "../x.safetensors", sizeBytes: 1, sha256: "0".repeat(64) }];
        }),
      says: /names the file "\.\.\/x\.safetensors"/,
    },
    {
      name: "another step's checkpoint",
      damage: async (step) => {
        await rm(step, { recursive: true });
        await cp(step.replace(/2$/, "1"), step, { recursive: true });
      },
      says: /step-00000002 holds the checkpoint of step 1/,
    },
    {
      name: "a missing file",
      damage: (step) => rm(`${step}/${generator}`),
      says: /generator\.safetensors is missing from its checkpoint/,
    },
    {
      name: "a file with more in it",
      damage: (step) => writeFile(`${step}/${generator}`, "x", { flag: "a" }),
      says: /generator\.safetensors has \d+ bytes where \d+ were written: something was added/,
    },
    {
      name: "a symbolic link for a file",
      damage: async (step) => {
        await rename(`${step}/${generator}`, `${step}/real`);
        await symlink("real", `${step}/${generator}`);
      },
      says: /generator\.safetensors is not a regular file/,
    },
    {
      name: "a symbolic link for checkpoint.json",
      damage: async (step) => {
        await rename(`${step}/${manifest}`, `${step}/real`);
        await symlink("real", `${step}/${manifest}`);
      },
      says: /checkpoint\.json is a symbolic link/,
    },
    {
      name: "a symbolic link for the folder",
      damage: async (step) => {
        await rename(step, `${step}-real`);
        await symlink(`${step}-real`, step);
      },
      says: /step-00000002 is a symbolic link/,
    },
    {
      name: "a file for the folder",
      damage: async (step) => {
        await rm(step, { recursive: true });
        await writeFile(step, "x");
      },
      says: /step-00000002 is not a folder/,
    },
    {
      name: "an empty folder",
      damage: async (step) => {
        await rm(step, { recursive: true });
        await mkdir(step);
      },
      says: /step-00000002 has no checkpoint\.json/,
    },
  ];
  for (const { name, damage, says } of cases) {
    await t.step(name, async () => {
      await using run = await runOfTwo();
      await damage(run.newest);
      await using loaded = await run.store.loadLatestGood();
      await assertHolds(loaded, 1);
      assert.equal(run.warnings.length, 1);
      failsWith("data_loss", says)(run.warnings[0]);
      await assert.rejects(run.store.load("latest"), failsWith("data_loss", says));
    });
  }
});

Deno.test("a link is refused even when it is swapped in after listing", async () => {
  await using run = await runOfTwo();
  const info = await readCheckpointInfo(run.newest);
  await rename(`${run.newest}/generator.safetensors`, run.folder.join("real"));
  await symlink(run.folder.join("real"), `${run.newest}/generator.safetensors`);
  await assert.rejects(
    openCheckpoint(info),
    failsWith("data_loss", /generator\.safetensors is a symbolic link/),
  );
});

Deno.test("a checkpoints folder that is a link is refused", async () => {
  await using run = await runOfTwo();
  await rename(run.folder.join("checkpoints"), run.folder.join("elsewhere"));
  await symlink("elsewhere", run.folder.join("checkpoints"));
  await assert.rejects(
    openCheckpointStore(run.folder.path, { programVersion: "1" }),
    failsWith("data_loss", /checkpoints is a link/),
  );
});

Deno.test("a run whose checkpoints are all damaged says so", async () => {
  await using run = await runOfTwo();
  for (const step of [1, 2]) {
    await rm(run.folder.join("checkpoints", `step-0000000${step}`, "checkpoint.json"));
  }
  await assert.rejects(
    run.store.loadLatestGood(),
    failsWith("data_loss", /no sound checkpoint \(2 damaged\)/, /step-00000001/),
  );
  assert.equal(run.warnings.length, 2);
});

Deno.test("a checkpoint of another format version stops, instead of losing its work", async () => {
  await using run = await runOfTwo();
  await editManifest(`${run.newest}/checkpoint.json`, (json) => json.formatVersion = 2);
  const says = failsWith(
    "failed_precondition",
    /format version 2, and this program reads version 1/,
  );
  await assert.rejects(run.store.loadLatestGood(), says);
  await assert.rejects(run.store.load("latest"), says);
  for (const step of [3, 4, 5, 6]) await run.store.save(trainingState(step));
  assert.deepEqual((await run.store.survey()).unreadable.map(({ step }) => step), [2], "it stays");
});
