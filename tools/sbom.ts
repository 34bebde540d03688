/**
 * Writes the software bill of materials, CycloneDX 1.6 as JSON: `deno task sbom [FILE]`, to standard
 * output where no file is named. It lists what the lock file pins, and the wheels that TensorFlow's
 * library is taken from, each with its hash. The same sources give the same bytes.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { lockedPackages } from "./locked_packages.ts";
import { wheelsFor } from "../src/tensorflow/fetch_wheels.ts";

/** A component of the bill. */
interface Component {
  readonly type: "application" | "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
}

/** Makes the bill of the project in a folder. */
export async function makeBill(root: URL): Promise<Record<string, unknown>> {
  const lockText = await readFile(new URL("deno.lock", root), "utf8");
  const { version }: { version: string } = JSON.parse(
    await readFile(new URL("deno.json", root), "utf8"),
  );
  const { packages, direct } = lockedPackages(JSON.parse(lockText));
  const wheels = wheelComponents();
  const program: Component = {
    type: "application",
    "bom-ref": `tinct@${version}`,
    name: "tinct",
    version,
  };
  const refs = new Map(packages.map(({ key, name, version }) => [key, npmUrl(name, version)]));
  // Two entries that differ in what they were resolved beside are one package.
  const components = new Map<string, Component>(
    packages.map(({ name, version, integrity }) => {
      const purl = npmUrl(name, version);
      const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
      const hashes = [{ alg: "SHA-512", content }] as const;
      return [purl, { type: "library", "bom-ref": purl, name, version, purl, hashes }];
    }),
  );
  const dependsOn = new Map<string, Set<string>>();
  for (const { key, dependencies } of packages) {
    const of = refs.get(key) ?? "";
    const all = dependsOn.get(of) ?? new Set();
    for (const each of dependencies) all.add(refs.get(each) ?? "");
    dependsOn.set(of, all);
  }
  const own = [
    ...direct.map((key) => refs.get(key) ?? ""),
    ...wheels.map((each) => each["bom-ref"]),
  ];
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(lockText + JSON.stringify(wheels))}`,
    version: 1,
    metadata: { component: program },
    components: [...components.values(), ...wheels],
    dependencies: [
      { ref: program["bom-ref"], dependsOn: [...new Set(own)].sort() },
      ...[...dependsOn].map(([ref, all]) => ({ ref, dependsOn: [...all].sort() })),
    ],
  };
}

function wheelComponents(): Component[] {
  const all = [
    ...(["linux-x64", "linux-arm64", "macos-arm64"] as const).flatMap((platform) => [
      ...wheelsFor(platform, "cpu"),
    ]),
    ...wheelsFor("linux-x64", "gpu"),
  ];
  return all.map(({ file, sha256 }) => {
    const [name = "", version = ""] = file.replaceAll("_", "-").split(/-(?=\d+\.)/);
    const plain = version.split("-")[0] ?? "";
    const purl = `pkg:pypi/${name}@${plain}?file_name=${encodeURIComponent(file)}`;
    const hashes = [{ alg: "SHA-256", content: sha256 }] as const;
    return { type: "library", "bom-ref": purl, name, version: plain, purl, hashes };
  });
}

function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A UUID that follows from a text (version 8 of RFC 9562: whatever its maker says). */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join("-");
}

if (import.meta.main) {
  const text = JSON.stringify(await makeBill(new URL("../", import.meta.url)), undefined, 2) + "\n";
  const [file] = process.argv.slice(2);
  if (file === undefined) process.stdout.write(text);
  else await writeFile(file, text);
}
