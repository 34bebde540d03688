import assert from "assert";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import type { Command } from "../../src/terminal/command.ts";
import {
  anchorsOf,
  blocksOf,
  clone,
  codeSpans,
  commandsOf,
  listDocuments,
  readDocument,
} from "./documents.ts";

/** Options of programs other than `tinct`, by the program whose they are. */
const othersOptions: Readonly<Record<string, readonly string[]>> = {
  "bench/pytorch/make_parity.py": ["--replay"],
  "bench/pytorch/step.py": ["--mode", "--precision"],
  "bench/devices.ts": ["--batch", "--only", "--python"],
  "bench/step.ts": ["--repeat"],
  "bench/soak.ts": ["--leak"],
  "src/cli/main.ts": ["--version"],
  "tools/protos.ts": ["--check", "--breaking"],
  "tools/run_tests.ts": ["--quick", "--jobs"],
  deno: ["--frozen", "--node-modules-dir"],
  v8: ["--expose-gc", "--heap-growing-percent", "--max-semi-space-size", "--optimize-for-size"],
  docker: ["--read-only", "--build-arg", "--memory", "--pids-limit"],
  tensorboard: ["--logdir"],
  "grpc_tools.protoc": ["--python_out", "--grpc_python_out"],
  "examples/python/client.py": ["--set"],
};

/** The text of each document that people read. */
async function texts(): Promise<(readonly [document: string, text: string])[]> {
  const documents = await listDocuments();
  return await Promise.all(
    documents.map(async (each) => [each, await readDocument(each)] as const),
  );
}

/** The help text of each command, by its name. */
async function helps(): Promise<Map<string, string>> {
  const folder = join(clone, "src", "cli");
  const found = new Map<string, string>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".ts")) continue;
    if (!/^export const command\b/m.test(await readFile(join(folder, file), "utf8"))) continue;
    const name = file.replace(/\.ts$/, "").replaceAll("_", "-");
    const { command }: { command: Command } = await import(`../../src/cli/${file}`);
    found.set(name, command.help(name, name));
  }
  return found;
}

const flagsIn = (text: string) =>
  [...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag);

/** Whether a help text, or a program's source, has an option. */
function has(text: string, flag: string): boolean {
  const name = flag.slice(2);
  const positive = name.replace(/^no-/, "");
  return flagsIn(text).includes(flag) || text.includes(`--[no-]${positive}`);
}

/** What a text tells people to type or names in code, a piece at a time. */
const codeOf = (document: string, text: string) => [
  ...codeSpans(text),
  ...blocksOf(document, text).flatMap(commandsOf).map((command) => command.text),
];

Deno.test("options and commands that the documents name are there", async () => {
  const known = await helps();
  const { tasks }: { tasks: Record<string, string> } = JSON.parse(
    await readFile(join(clone, "deno.json"), "utf8"),
  );
  const others = Object.values(othersOptions).flat();
  const wrong: string[] = [];
  for (const [program, flags] of Object.entries(othersOptions)) {
    if (!existsSync(join(clone, program))) continue; // not ours
    const source = await readFile(join(clone, program), "utf8");
    wrong.push(
      ...flags.filter((flag) => !source.includes(flag) && !source.includes(`${flag.slice(2)}:`))
        .map((flag) => `${program}: ${flag}`),
    );
  }
  for (const [document, text] of await texts()) {
    for (const code of codeOf(document, text)) {
      const complain = (what: string) => wrong.push(`${document}: ${what} in \`${code}\``);
      const [, task, first = ""] = /^deno task ([\w-]+)(?: ([a-z][\w-]*))?/.exec(code) ?? [];
      if (task !== undefined && !(task in tasks)) complain(`no task ${task}`);
      const bare = /^(?:tinct )?([a-z][\w-]*) (?=--)/.exec(code)?.[1];
      const name = task === "tinct" ? first : task ?? bare ?? "";
      if (task === "tinct" && first !== "" && !known.has(first)) complain(`no command ${first}`);
      const script = /(?:^|[ ="])((?:bench|tools|examples)\/[\w/]+\.(?:ts|py))/.exec(code)?.[1];
      const source = script === undefined ? "" : await readFile(join(clone, script), "utf8");
      for (const flag of flagsIn(code)) {
        if (others.includes(flag)) continue;
        const camel = flag.slice(2).replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
        if (source !== "") {
          if (!source.includes(camel) && !source.includes(flag)) complain(`no option ${flag}`);
          continue;
        }
        const help = known.get(name);
        const anyHas = () => [...known.values()].some((each) => has(each, flag));
        if (help === undefined ? !anyHas() : !has(help, flag)) complain(`no option ${flag}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("links of the documents lead somewhere", async () => {
  const wrong: string[] = [];
  const all = new Map(await texts());
  for (const [document, text] of all) {
    const links = [
      ...text.matchAll(/\]\(([^)\s]+)\)/g),
      ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm),
    ].map(([, link = ""]) => link).filter((link) => !/^[a-z]+:/.test(link));
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : normalize(join(dirname(document), path));
      if (!existsSync(join(clone, target))) wrong.push(`${document}: ${link}`);
      else if (anchor !== undefined && !anchorsOf(all.get(target) ?? "").includes(anchor)) {
        wrong.push(`${document}: ${link}: no such heading`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("files and folders that the documents name are there", async () => {
  const top = (await readdir(clone)).filter((name) =>
    !/^(?:runs|\.?venv|node_modules)$/.test(name)
  );
  const files = new Set<string>();
  for (
    const folder of ["src", "tests", "tools", "bench", "protos", "deploy", "examples", "workers"]
  ) {
    for (const name of await readdir(join(clone, folder), { recursive: true })) {
      files.add(basename(name));
    }
  }
  const wrong: string[] = [];
  for (const [document, text] of await texts()) {
    for (const word of codeSpans(text).flatMap((code) => code.split(/[\s="]+/))) {
      const path = word.replace(/[,;:.]+$/, "");
      if (!/^[\w.-]+(?:\/[\w.@-]+)*\/?$/.test(path)) continue;
      const [first = "", ...rest] = path.split("/");
      const isThere = existsSync(join(clone, path)) ||
        existsSync(join(clone, dirname(document), path));
      if (
        rest.length > 0 ? !top.includes(first) : !/\.(?:ts|py|sh|sql|proto|go|md)$/.test(path)
      ) {
        continue; // no path in the clone
      }
      if (!isThere && !(rest.length === 0 && files.has(path))) {
        wrong.push(`${document}: ${path}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("docs/architecture.md has a row for every part of the program", async () => {
  const text = await readDocument("docs/architecture.md");
  const parts = (await readdir(join(clone, "src"), { withFileTypes: true }))
    .map((entry) => `src/${entry.name}${entry.isDirectory() ? "/" : ""}`);
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  assert.deepEqual(parts.filter((part) => !rows.some((row) => row.includes(`\`${part}\``))), []);
});

Deno.test("README.md leads to every page of docs", async () => {
  const readme = await readDocument("README.md");
  const pages = (await listDocuments()).filter((page) => /^docs\/[\w-]+\.md$/.test(page));
  assert.deepEqual(pages.filter((page) => !readme.includes(`](${page})`)), []);
});
