import assert from "assert";
import { readFile } from "node:fs/promises";

const lock: { npm: Record<string, unknown> } = JSON.parse(
  await readFile(new URL("../../deno.lock", import.meta.url), "utf-8"),
);

/** Lowest versions without known holes that a stranger's message reaches. */
const floors: readonly (readonly [name: string, version: readonly number[]])[] = [
  ["@grpc/grpc-js", [1, 14, 4]],
  ["protobufjs", [7, 6, 3]],
];

for (const [name, floor] of floors) {
  Deno.test(`every ${name} in the lock file is ${floor.join(".")} or later`, () => {
    const versions = Object.keys(lock.npm)
      .filter((key) => key.startsWith(`${name}@`))
      .map((key) => key.slice(name.length + 1).split("_")[0] ?? "");
    assert(versions.length > 0, "the lock file has none");
    for (const version of versions) {
      const parts = version.split(".").map(Number);
      const at = floor.findIndex((part, index) => parts[index] !== part);
      assert(at < 0 || (parts[at] ?? NaN) > (floor[at] ?? NaN), `${name} ${version}`);
    }
  });
}
