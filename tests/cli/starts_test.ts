import assert from "assert";
import { execFile } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const clone = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What `deno info --json` says of a module that matters here. */
interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: true;
  }[];
}

/** The npm packages that an entry file loads before it runs, "npm:NAME@VERSION" each as its name. */
async function packagesOf(entry: string): Promise<Set<string>> {
  const { stdout } = await run(Deno.execPath(), ["info", "--json", entry], {
    cwd: clone,
    maxBuffer: 2 ** 26,
  });
  const { modules, roots }: { modules: ModuleInfo[]; roots: string[] } = JSON.parse(stdout);
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set(roots);
  // A set takes in what is added to it while it is walked.
  for (const specifier of reached) {
    for (const { code, isDynamic } of byName.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) reached.add(code.specifier);
    }
  }
  const packages = [...reached].flatMap((specifier) =>
    /^npm:\/?((?:@[^/]+\/)?[^@/]+)@/.exec(specifier)?.[1] ?? []
  );
  return new Set(packages);
}

Deno.test("--version and --help load no package, and read no command's file", async () => {
  await using folder = await TemporaryFolder.create();
  await cp(join(clone, "deno.json"), folder.join("deno.json"));
  await cp(join(clone, "src"), folder.join("src"), { recursive: true });
  const command = folder.join("src/cli/train.ts");
  await rm(command);
  await run("mkfifo", [command]); // nobody writes into it, so it holds whoever reads it
  for (const [word, says] of [["--version", /^tinct /], ["--help", /^Usage: /]] as const) {
    // With "manual" Deno installs no package: it fails where it would have to load one.
    const start = ["run", "-A", "--cached-only", "--no-lock", "--node-modules-dir=manual"];
    const argv = [...start, folder.join("src/cli/main.ts"), word];
    const { stdout } = await run(Deno.execPath(), argv, { timeout: 120_000 });
    assert.match(stdout, says);
  }
});

const grpc = ["@grpc/grpc-js", "protobufjs"];
const tensorflow = ["@tensorflow/tfjs", "sharp"];

for (
  const [entry, expected] of [
    ["src/cli/health.ts", grpc],
    ["src/cli/job.ts", grpc],
    ["src/cli/export.ts", grpc],
    ["src/cli/serve.ts", [...grpc, "@opentelemetry/api"]],
    ["src/cli/train.ts", tensorflow],
    ["workers/train.ts", [...grpc, ...tensorflow]],
    ["workers/colorize.ts", [...grpc, ...tensorflow]],
    ["workers/measure.ts", [...grpc, "@tensorflow/tfjs"]],
    ["workers/inspect.ts", [...grpc, "sharp"]],
    ["workers/scale.ts", [...grpc, "sharp"]],
  ] as const
) {
  Deno.test(`${entry} starts with these packages and no other: ${expected.join(", ")}`, async () => {
    assert.deepEqual(await packagesOf(entry), new Set(expected));
  });
}
