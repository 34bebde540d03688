import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { containerMemory } from "../../src/machine/container_memory.ts";
import { availableMemoryBytes, totalMemoryBytes } from "../../src/machine/memory.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** What containerMemory() finds where the system's files are these. */
async function found(files: Readonly<Record<string, string>>) {
  await using folder = await TemporaryFolder.create();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(folder.join(name)), { recursive: true });
    await writeFile(folder.join(name), `${text}\n`);
  }
  return containerMemory({ proc: folder.join("proc"), groups: folder.join("groups") });
}

Deno.test("version 2: the tightest group around the process, without the files it would give up", async () => {
  assert.deepEqual(
    await found({
      "proc/self/cgroup": "0::/kubepods/pod1/c1",
      "groups/kubepods/pod1/memory.max": "2000000000",
      "groups/kubepods/pod1/memory.current": "1800000000",
      "groups/kubepods/pod1/memory.stat": "anon 5\ninactive_file 300000000\nactive_file 7",
      "groups/kubepods/pod1/c1/memory.max": "1500000000",
      "groups/kubepods/pod1/c1/memory.current": "500000000",
    }),
    { limitBytes: 2e9, usedBytes: 1.5e9 },
  );
});

Deno.test("version 2 in a container, whose own group is the root, and one without a limit", async () => {
  const own = { "proc/self/cgroup": "0::/", "groups/memory.current": "100" };
  assert.deepEqual(await found({ ...own, "groups/memory.max": "1000" }), {
    limitBytes: 1000,
    usedBytes: 100,
  });
  assert.equal(await found({ ...own, "groups/memory.max": "max" }), undefined);
});

Deno.test("version 1: the limit of the memory controller, also where the group's own path is not mounted", async () => {
  const own = { "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/abc\n0::/" };
  const files = (folder: string) => ({
    ...own,
    [`${folder}/memory.limit_in_bytes`]: "1572864000",
    [`${folder}/memory.usage_in_bytes`]: "200000000",
    [`${folder}/memory.stat`]: "inactive_file 1\ntotal_inactive_file 50000000",
  });
  const expected = { limitBytes: 1572864000, usedBytes: 150000000 };
  assert.deepEqual(await found(files("groups/memory/docker/abc")), expected);
  assert.deepEqual(await found(files("groups/memory")), expected);
  const none = { ...own, "groups/memory/memory.limit_in_bytes": "9223372036854771712" };
  assert.equal(await found(none), undefined);
});

Deno.test("a system that tells nothing has no limit", async () => {
  assert.equal(await found({}), undefined);
});

Deno.test("of the machine's memory and its container's the smaller counts", () => {
  const container = { limitBytes: 3_000_000, usedBytes: 1_000_000 };
  assert.equal(availableMemoryBytes(container), 2_000_000);
  assert.equal(totalMemoryBytes(container), 3_000_000);
  assert.equal(availableMemoryBytes({ limitBytes: 1, usedBytes: 5 }), 0);
  assert.ok(totalMemoryBytes({ limitBytes: 2 ** 60, usedBytes: 0 }) < 2 ** 60);
});
