import assert from "assert";
import { readFile } from "node:fs/promises";
import { auditedProject } from "../../tools/audit.ts";
import { lockedPackages } from "../../tools/locked_packages.ts";
import { makeBill } from "../../tools/sbom.ts";

const root = new URL("../../", import.meta.url);

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly {
    readonly "bom-ref": string;
    readonly purl: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

Deno.test("the bill of materials has everything that is pinned, with its hash, and hangs together", async () => {
  const made = await makeBill(root);
  assert.deepEqual(await makeBill(root), made, "the same sources give the same bill");
  const bill = made as unknown as Bill; // as CycloneDX says it is
  assert.match(
    bill.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const refs = bill.components.map((each) => each["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  const lock = JSON.parse(await readFile(new URL("deno.lock", root), "utf8"));
  const pinned = Object.keys(lock.npm).map((key) => key.replace(/(?<=.@[^_]*)_.*$/, ""));
  for (const each of pinned) assert.ok(refs.includes(`pkg:npm/${each.replace(/^@/, "%40")}`), each);
  for (const { purl, hashes: [hash] } of bill.components) {
    const length = hash?.alg === "SHA-512" ? 128 : 64;
    assert.match(hash?.content ?? "", new RegExp(`^[0-9a-f]{${length}}$`), purl);
  }
  const sharp = bill.components.find(({ purl }) => purl.startsWith("pkg:npm/sharp@"));
  const expected = Buffer.from(
    lock.npm[`sharp@${sharp?.purl.split("@")[1]}`].integrity.slice(7),
    "base64",
  );
  assert.equal(sharp?.hashes[0]?.content, expected.toString("hex"));
  const wheel =
    "pkg:pypi/tensorflow-cpu@2.21.0?file_name=tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl";
  assert.ok(refs.includes(wheel), refs.filter((ref) => ref.startsWith("pkg:pypi")).join("\n"));
  assert.equal(refs.filter((ref) => ref.startsWith("pkg:pypi/nvidia-")).length, 11);

  const known = new Set([...refs, bill.metadata.component["bom-ref"]]);
  const reached = new Set<string>();
  const byRef = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const waiting = [bill.metadata.component["bom-ref"]];
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    assert.ok(known.has(ref), ref);
    if (reached.has(ref)) continue;
    reached.add(ref);
    waiting.push(...byRef.get(ref) ?? []);
  }
  const unreached = refs.filter((ref) => !reached.has(ref));
  assert.ok(unreached.every((ref) => /^pkg:npm\/%40types\//.test(ref)), unreached.join("\n"));
});

Deno.test("npm audits each version that is pinned, also where there are several of one package", async () => {
  const lock = JSON.parse(await readFile(new URL("deno.lock", root), "utf8"));
  const { packages } = lockedPackages(lock);
  const { manifest, lock: npmLock } = auditedProject(packages);
  assert.equal(Object.keys(manifest.dependencies).length, Object.keys(lock.npm).length);
  const entries: { name: string; version: string }[] = Object.values(npmLock.packages);
  const longs = entries.filter(({ name }) => name === "long");
  assert.deepEqual(longs.map(({ version }) => version).sort(), ["4.0.0", "5.3.2"]);
});
