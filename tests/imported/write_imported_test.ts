import assert from "assert";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeImported } from "../../src/imported/imported_files.ts";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const network = fileURLToPath(new URL("../testdata/imported/eccv16.onnx", import.meta.url));

const facts = {
  profile: { ...namedProfiles.eccv16, size: 256 },
  profileName: "eccv16",
  opset: 17,
  parameters: 2038,
  sizeMultiple: 8,
} as const;

Deno.test("an import replaces no folder that comes while its network is looked at", async () => {
  await using folder = await TemporaryFolder.create();
  const model = folder.join("model");
  await assert.rejects(
    writeImported(model, [network], async () => {
      await mkdir(model);
      await writeFile(join(model, "theirs"), "theirs");
      return facts;
    }),
    { code: "already_exists", message: `${model} exists already.` },
  );
  assert.deepEqual(await readdir(model), ["theirs"]);
  assert.deepEqual(await readdir(folder.path), ["model"], "nothing unfinished is left");
  const other = folder.join("other");
  await writeImported(other, [network], () => Promise.resolve(facts));
  assert.deepEqual((await readdir(other)).sort(), ["eccv16.onnx", "import.json"]);
});
