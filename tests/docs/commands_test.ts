import assert from "assert";
import { access, readFile, writeFile } from "node:fs/promises";
import {
  clients,
  elsewhere,
  foreign,
  local,
  noCommands,
  python,
  type RunHere,
  servers,
} from "./command_table.ts";
import { type Block, blocksOf, commandsOf, listDocuments, readDocument } from "./documents.ts";
import { Scratch } from "./scratch.ts";

const shells = new Set(["", "sh", "bash", "shell", "console"]);
const isShown = (document: string) => !document.startsWith("tests/");

async function allBlocks(): Promise<Block[]> {
  const documents = (await listDocuments()).filter(isShown);
  const blocks = documents.map(async (each) => blocksOf(each, await readDocument(each)));
  return (await Promise.all(blocks)).flat();
}

const isCommandBlock = ({ language, lines: [first = ""] }: Block) =>
  shells.has(language) && !noCommands.some((pattern) => pattern.test(first));

Deno.test("blocksOf() and commandsOf() find what a document tells people to type", () => {
  const text = [
    ...[
      "Text:",
      "",
      "    one --a \\",
      "      --b   # why",
      "    two",
      "",
      "    three",
      "",
      "- item",
    ],
    ...["    of an item, no block", "```sh", "$ four # not five", "```", "```json", "{}", "```"],
  ].join("\n");
  const blocks = blocksOf("a.md", text);
  assert.deepEqual(blocks.map(({ line, language }) => [line, language]), [
    [3, ""],
    [12, "sh"],
    [15, "json"],
  ]);
  assert.deepEqual(
    blocks.slice(0, 2).flatMap(commandsOf).map((each) => `${each.line} ${each.text}`),
    ["3 one --a --b", "5 two", "7 three", "12 four"],
  );
});

Deno.test("every command of the documents is run by a test, or named with the reason why not", async () => {
  const shown = (await allBlocks()).filter(isCommandBlock).flatMap(commandsOf);
  const tables = { ...local, ...servers, ...clients, ...python, ...elsewhere };
  const beginnings = Object.keys(foreign);
  const isForeign = (text: string) =>
    beginnings.some((each) => text.startsWith(each.endsWith("/") ? each : `${each} `));
  const unknown = shown.filter(({ text }) => !(text in tables) && !isForeign(text));
  assert.deepEqual(
    unknown.map(({ document, line, text }) => `${document}:${line}: ${text}`),
    [],
    "Add these to a table of tests/docs/command_table.ts.",
  );
  const texts = new Set(shown.map(({ text }) => text));
  assert.deepEqual(
    Object.keys(tables).filter((text) => !texts.has(text)),
    [],
    "No document shows these; take them out of tests/docs/command_table.ts.",
  );
});

/** The command as it is run here. */
function adapted(text: string, { add = "", replace = {} }: RunHere, address = ""): string {
  let command = `${text} ${add}`.trim();
  for (const [said, put] of Object.entries(replace)) {
    assert.ok(command.includes(said), `${command} does not say ${said}`);
    command = command.replace(said, put);
  }
  return command.replaceAll("ADDR", address);
}

async function runAll(
  scratch: Scratch,
  commands: Readonly<Record<string, RunHere>>,
  address?: string,
): Promise<void> {
  for (const [text, how] of Object.entries(commands)) {
    const command = adapted(text, how, address);
    const { code, output } = how.isAlone
      ? await scratch.start(command).ended
      : await scratch.run(command);
    assert.equal(code, how.code ?? 0, `${text}:\n${output}`);
    assert.match(output, how.says, `${text}:\n${output}`);
    for (const file of how.leaves ?? []) await access(scratch.path(file));
  }
}

const trial = { size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 2, batchSize: 2, sampleEvery: 0 };

Deno.test("the commands of the documents do what is said there", async (t) => {
  await using scratch = await Scratch.create();
  const sweep = {
    trials: 2,
    metric: "psnr_db",
    config: { ...trial, maxSteps: 2, validationPhotos: 2 },
    parameters: { lambdaL1: [10, 100] },
  };
  await writeFile(scratch.path("FILE"), JSON.stringify(sweep));
  await writeFile(scratch.path("DATASET_FILE"), JSON.stringify({ ...sweep, dataset: "holidays" }));
  const [plain = "", guarded = "", ...others] = Object.keys(servers);
  const server = scratch.start(adapted(plain, servers[plain]!));

  const alone = runAll(scratch, local);
  alone.catch(() => {}); // told below
  await t.step("a server that asks for tokens", async () => {
    const token = await scratch.start(
      "deno task tinct token ci --access access.json --scopes read,train",
    ).ended;
    assert.equal(token.code, 0, token.output);
    const running = scratch.start(adapted(guarded, servers[guarded]!));
    const [, port] = await running.until(/"address":"0\.0\.0\.0:(\d+)"/);
    const asked = (environment: Record<string, string>) =>
      scratch.start(
        `deno task tinct jobs --server localhost:${port} --ca tests/testdata/tls/authority.crt`,
        environment,
      ).ended;
    assert.match((await asked({})).output, /token/);
    const answer = await asked({ TINCT_TOKEN: token.output.trim() });
    assert.equal(answer.code, 0, answer.output);
    running.stop();
    assert.equal((await running.ended).code, 0);
  });

  for (const other of others) {
    await t.step(other, async () => {
      const how = servers[other]!;
      const running = scratch.start(adapted(other, how));
      await running.until(how.says);
      running.stop();
      assert.equal((await running.ended).code, 0);
    });
  }

  const [, address = ""] = await server.until(/"address":"(127\.0\.0\.1:\d+)"/);
  await t.step("clients on the command line", () => runAll(scratch, clients, address));

  const packages = Object.entries(python).slice(0, 1);
  const made = await scratch.start(packages[0]?.[0] ?? "").ended;
  await t.step({
    name: `clients in Python${made.code === 0 ? "" : `, which cannot be set up: ${made.output}`}`,
    ignore: made.code !== 0,
    fn: async () => {
      await runAll(scratch, Object.fromEntries(Object.entries(python).slice(1)), address);
      await useReadmesClient(scratch, address);
    },
  });

  await t.step("commands on this machine alone", () => alone);
  server.stop();
  const { code, output } = await server.ended;
  assert.equal(code, 0, output);
});

/** Runs the Python of README.md, with a smaller network and few steps. */
async function useReadmesClient(scratch: Scratch, address: string): Promise<void> {
  const blocks = blocksOf("README.md", await readDocument("README.md"));
  const lines = blocks.find(({ language }) => language === "python")?.lines ?? [];
  assert.ok(lines.length > 0 && lines.filter((line) => line !== "").length <= 20);
  const written = lines.join("\n");
  const fewer = "ngf=4, ndf=4, n_layers=2, batch_size=2, max_steps=4, validation_photos=2";
  const program = written.replace("127.0.0.1:50051", address)
    .replace(/TrainingConfig\(([^)]*)\)/, `TrainingConfig($1, ${fewer})`);
  assert.ok(program.includes(address) && program.includes(fewer));
  await writeFile(scratch.path("examples", "python", "readme.py"), program);
  const { code, output } = await scratch.start("venv/bin/python examples/python/readme.py").ended;
  assert.equal(code, 0, output);
  assert.match(output, /^1 \d+\.\d+$[^]*^4 \d+\.\d+$/m);
  const jpeg = await readFile(scratch.path("colour.jpg"));
  assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
}
