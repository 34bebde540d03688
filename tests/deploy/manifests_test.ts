import assert from "assert";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serviceOptions } from "../../src/config/service.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { pythonWith } from "../kept_tools.ts";

const run = promisify(execFile);
const clone = fileURLToPath(new URL("../../", import.meta.url));
const deploy = (...names: string[]) => join(clone, "deploy", ...names);

/** A folder with the checkers' programs, or what keeps them from being installed. */
async function installCheckers(): Promise<string | { missing: string }> {
  try {
    return await pythonWith([join(clone, "tests", "deploy", "requirements.txt")]);
  } catch (error) {
    return { missing: String(error).split("\n")[0] ?? "" };
  }
}

/** Runs a checker; what it complains of is thrown. */
async function check(program: string, args: readonly string[]): Promise<void> {
  try {
    await run(program, args);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    assert.fail(`${program} ${args.join(" ")}\n${stdout}${stderr}`);
  }
}

Deno.test("the Dockerfile, the manifests and docker compose's file fit their published schemas", async (t) => {
  await using folder = await TemporaryFolder.create();
  const bin = await installCheckers();
  if (typeof bin !== "string") {
    await t.step({ name: `no checkers: ${bin.missing}`, ignore: true, fn: () => {} });
    return;
  }
  await check(join(bin, "hadolint"), [join(clone, "Dockerfile")]);
  const validate = join(bin, "kubernetes-validate");
  await check(validate, ["--strict", deploy("kubernetes", "tinct.yaml")]);
  const compose = ["--builtin-schema", "vendor.compose-spec", deploy("compose.yaml")];
  await check(join(bin, "check-jsonschema"), compose);
  // The checkers are no formality.
  const broken = folder.join("broken.yaml");
  const text = await readFile(deploy("kubernetes", "tinct.yaml"), "utf8");
  await writeFile(broken, text.replace("replicas: 1", "replicas: one"));
  await assert.rejects(check(validate, ["--strict", broken]), /replicas/);

  const renderer = folder.join("render_chart");
  try {
    const source = join(clone, "tests", "deploy", "render_chart");
    await run("go", ["build", "-o", renderer, "."], { cwd: source });
  } catch (error) {
    const missing = String(error).split("\n")[0];
    await t.step({ name: `no Go to render the chart: ${missing}`, ignore: true, fn: () => {} });
    return;
  }
  const values = {
    defaults: {},
    "a CPU, in the clear": {
      gpus: 0,
      guardsSecret: "",
      networkPolicy: { from: [{ podSelector: {} }] },
      web: { enabled: false },
    },
    "everything": {
      image: { tag: "x" },
      imagePullSecrets: [{ name: "registry" }],
      nodeSelector: { disk: "fast" },
      extraArgs: ["--max-queued-jobs=10"],
      persistence: { existingClaim: "mine" },
      metrics: { serviceMonitor: { enabled: true, labels: { release: "prometheus" } } },
      web: {
        origins: ["https://other.example"],
        ingress: { enabled: true, host: "tinct.test", tlsSecret: "tinct-host" },
      },
    },
  };
  for (const [name, value] of Object.entries(values)) {
    await t.step(`the chart with ${name}`, async () => {
      const changed = folder.join("values.yaml");
      await writeFile(changed, JSON.stringify(value)); // JSON is YAML
      const { stdout } = await run(renderer, [deploy("helm", "tinct"), changed]);
      assert.equal(stdout.includes("kind: ServiceMonitor"), name === "everything");
      assert.equal(stdout.includes("nvidia.com/gpu:"), name !== "a CPU, in the clear");
      assert.equal(stdout.includes("--insecure"), name === "a CPU, in the clear");
      assert.equal(stdout.includes("PersistentVolumeClaim"), name !== "everything");
      assert.equal(stdout.includes("scheme: https"), name === "everything");
      // Who may call, open the pages and ask for metrics are chosen apart.
      const policy = stdout.split(/^---$/m).find((part) => part.includes("kind: NetworkPolicy"));
      const hasWeb = name !== "a CPU, in the clear";
      assert.equal(policy?.match(/- from:/g)?.length, hasWeb ? 3 : 2);
      assert.equal(stdout.includes("--web=off"), !hasWeb);
      assert.equal(stdout.includes("name: web, port: 8051"), hasWeb);
      const ingress = stdout.split(/^---$/m).find((part) => part.includes("kind: Ingress"));
      assert.equal(ingress !== undefined, name === "everything");
      if (ingress !== undefined) {
        assert.match(ingress, /backend-protocol: HTTPS/);
        assert.match(ingress, /proxy-read-timeout: "3600"/);
        assert.match(
          stdout,
          /--web-origin=https:\/\/other\.example\n\s+- --web-origin=https:\/\/tinct\.test\n/,
        );
      }
      // A custom resource has no schema among Kubernetes's own.
      const own = stdout.split(/^---$/m).filter((part) => !part.includes("kind: ServiceMonitor"));
      const rendered = folder.join("chart.yaml");
      await writeFile(rendered, own.join("---"));
      await check(validate, ["--strict", rendered]);
    });
  }
});

Deno.test("the unit of systemd is one that systemd takes", async (t) => {
  if (!existsSync("/usr/bin/systemd-analyze")) {
    await t.step({ name: "no systemd-analyze", ignore: true, fn: () => {} });
    return;
  }
  await using folder = await TemporaryFolder.create();
  const unit = await readFile(deploy("systemd", "tinct.service"), "utf8");
  const path = folder.join("tinct.service");
  await writeFile(path, unit.replace("ExecStart=/opt/tinct/deno", `ExecStart=${Deno.execPath()}`));
  await check("/usr/bin/systemd-analyze", ["verify", "--man=no", path]);
});

Deno.test("every way to run it bounds its memory, and its tasks where that can be said", async () => {
  const bounds = [
    [["compose.yaml"], ["mem_limit: ", "memswap_limit: ", "pids_limit: "]],
    [["systemd", "tinct.service"], ["MemoryMax=", "MemorySwapMax=0", "TasksMax=", "LimitNOFILE="]],
    [["kubernetes", "tinct.yaml"], ["limits: { memory: "]],
    [["helm", "tinct", "values.yaml"], ["limits: { memory: "]],
  ] as const;
  for (const [names, needed] of bounds) {
    const text = await readFile(deploy(...names), "utf8");
    for (const each of needed) assert.ok(text.includes(each), `${names.at(-1)}: ${each}`);
  }
});

Deno.test("every option that the manifests give is one of serve's or health's", async () => {
  const files = [
    ["kubernetes", "tinct.yaml"],
    ["helm", "tinct", "templates", "tinct.yaml"],
    ["helm", "tinct", "templates", "_names.tpl"],
    ["compose.yaml"],
    ["systemd", "tinct.service"],
  ];
  const texts = await Promise.all(files.map((names) => readFile(deploy(...names), "utf8")));
  texts.push(await readFile(join(clone, "Dockerfile"), "utf8"));
  const given = new Set(texts.flatMap((text) => {
    const flags = text.split("\n").filter((line) => !line.trimStart().startsWith("#"))
      .flatMap((line) => line.match(/--[a-z][a-z-]+/g) ?? []);
    return flags;
  }));
  const others = [
    "--cached-only",
    "--no-check",
    "--from",
    "--interval",
    "--timeout",
    "--retries",
    "--start-interval",
  ];
  const docker = ["--start-period", "--gid", "--uid", "--no-create-home", "--shell"];
  const apt = ["--no-install-recommends"];
  for (const flag of [...others, ...docker, ...apt]) given.delete(flag);
  const helps = await Promise.all(["serve", "health"].map((name) => runTinct([name, "--help"])));
  const help = helps.map(({ stdout }) => stdout).join();
  for (const flag of given) assert.ok(help.includes(flag), `${flag} is no option`);
  assert.ok(given.has("--tls-cert") && given.has("--data-dir"));
  assert.ok(Object.hasOwn(serviceOptions, "drainSeconds"));
});
