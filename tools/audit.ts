/**
 * Has npm look for known faults in exactly the versions that deno.lock pins: `deno task audit`. Exits
 * with 1 where there are some. A registry that answers no audits is told in a line that begins with
 * "not run:"; with `--require` that fails, too.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type LockedPackage, lockedPackages } from "./locked_packages.ts";

/** An npm project that consists of these packages alone, each under a name of its own. */
export function auditedProject(packages: readonly LockedPackage[]) {
  const root = { name: "audited", version: "1.0.0" };
  const dependencies = Object.fromEntries(
    packages.map(({ name, version }, index) => [`a${index}`, `npm:${name}@${version}`]),
  );
  const entries: Record<string, { name: string; version: string }> = {};
  packages.forEach(({ name, version, integrity }, index) => {
    const entry = { name, version, integrity };
    entries[`node_modules/a${index}`] = entry;
  });
  return {
    manifest: { ...root, dependencies },
    lock: {
      ...root,
      lockfileVersion: 3,
      requires: true,
      packages: { "": { ...root, dependencies }, ...entries },
    },
  };
}

async function main(): Promise<void> {
  const { packages } = lockedPackages(
    JSON.parse(await readFile(new URL("../deno.lock", import.meta.url), "utf8")),
  );
  const folder = await mkdtemp(join(tmpdir(), "tinct-audit-"));
  try {
    const { manifest, lock } = auditedProject(packages);
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
    const { stdout, error } = spawnSync("npm", ["audit", "--json", "--package-lock-only"], {
      cwd: folder,
      encoding: "utf8",
    });
    const report = error ? { message: error.message } : JSON.parse(stdout || "{}");
    process.exitCode = tell(report, packages.length);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `npm audit --json` prints, as far as it is read here. */
interface Report {
  readonly message?: string;
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly via: readonly unknown[] }>
  >;
}

function tell({ message, vulnerabilities }: Report, packages: number): number {
  if (vulnerabilities === undefined) {
    console.log(`not run: npm audit (${message ?? "no answer"})`);
    return process.argv.includes("--require") ? 1 : 0;
  }
  const found = Object.entries(vulnerabilities);
  for (const [name, { severity, via }] of found) {
    const titles = via.map((each) => typeof each === "object" ? JSON.stringify(each) : each);
    console.log(`${severity}: ${name}: ${titles.join("; ")}`);
  }
  console.log(`${packages} packages, ${found.length} with known faults`);
  return found.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
