import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GENERATED_FOLDER, generateProtocol } from "../../tools/generate_protocol.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("the generated types are those of the protos (else: deno task protos)", async () => {
  const folder = join(root, GENERATED_FOLDER);
  const present = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    present.set(name, await readFile(path, "utf-8"));
  }
  assert.deepEqual(present, await generateProtocol(root));
});
