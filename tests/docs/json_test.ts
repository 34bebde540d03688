import assert from "assert";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commands } from "../../src/cli/command_list.ts";
import { metrics } from "../../src/evaluation/compare_models.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { types } from "../cli/proto_json.ts";
import { paintScenes } from "../service/workshop.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { drawClip, noFfmpeg } from "../video_files/test_ffmpeg.ts";
import { anchorsOf, clone, readDocument } from "./documents.ts";

const text = await readDocument("docs/json.md");
const photos = join(clone, "tests", "testdata", "photos");
const metricNames = new Set<string>(metrics.map(({ name }) => name));

/** Commands without a result of their own, and what they print instead. */
const withoutJson: Readonly<Record<string, string>> = {
  "migrate-store": "one line for whoever runs it, once",
  serve: "its log, a JSON object a line",
  completion: "a program for a shell",
};

/** The fields that a section's table has, with what stands beside them. */
function documentedFields(heading: string): Map<string, string> {
  const section = text.split(/^#{2,3} /m).find((each) => each.startsWith(`${heading}\n`));
  assert.ok(section !== undefined, `docs/json.md has no section ${heading}`);
  const rows = [...section.matchAll(/^\| `([^`]+)` *\| (.*?) *\|$/gm)];
  assert.ok(rows.length > 0, heading);
  return new Map(rows.map(([, field = "", meaning = ""]) => [field, meaning]));
}

/** The places of all values that are no objects or lists, such as "a.b[].c". */
function placesOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => placesOf(each, `${at}[]`));
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([name, each]) => {
    const called = metricNames.has(name) && at !== "" ? "METRIC" : name;
    return placesOf(each, at === "" ? called : `${at}.${called}`);
  });
}

/** Asserts that values have the fields of a section, all of them together, and no others. */
function assertDocumented(heading: string, ...values: readonly unknown[]): void {
  const documented = documentedFields(heading);
  const places = new Set(values.flatMap((value) => placesOf(value)));
  const unknown = [...places].filter((place) => !documented.has(place));
  assert.deepEqual(unknown, [], `docs/json.md says nothing of these fields of ${heading}`);
  const seen = [...documented].filter(([field, meaning]) =>
    meaning.includes("absent") ||
    [...places].some((place) => place === field || place.startsWith(`${field}.`))
  ).map(([field]) => field);
  assert.deepEqual([...documented.keys()], seen, `${heading} has none of these`);
}

Deno.test("docs/json.md has a row for every command that prints JSON, with a type of the API", async () => {
  const api = anchorsOf(await readDocument("docs/api.md"));
  const rows = [...text.matchAll(/^\| `([a-z]+)((?: [a-z-]+)?)` *\| (.*?) *\|$/gm)];
  const sections = [...text.matchAll(/^### ([a-z]+)/gm)].map(([, name = ""]) => name);
  const named = new Set([...rows.map(([, name = ""]) => name), ...sections]);
  for (const { name, load } of commands) {
    const { command } = await load();
    assert.equal(named.has(name), "json" in command.options, name);
    assert.equal("json" in command.options, !(name in withoutJson), `${name} has no --json`);
  }
  for (const [row, , , prints = ""] of rows) {
    const [, type, anchor = ""] = /\[(\w+)\]\(api\.md#(\w+)\)/.exec(prints) ?? [];
    if (type === undefined) continue;
    assert.ok(types.lookupType(`tinct.v1.${type}`), row);
    assert.ok(api.includes(anchor), row);
  }
});

Deno.test("what commands print with --json has the documented fields, and no others", async (t) => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("old"));
  await copyFile(join(photos, "cat.jpg"), folder.join("old", "cat.jpg"));
  const environment = {
    TINCT_TENSORFLOW: dirname(libraryPath()),
    TINCT_CACHE: folder.join("cache"),
  };
  const json = async (command: string, code = 0) => {
    const done = await runKeptTinct([...command.split(" "), "--json"], { environment });
    assert.equal(done.code, code, `${command}: ${done.stderr}`);
    return done.stdout;
  };
  const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2 --threads 1";
  const run = folder.join("run");
  await t.step("train", async () => {
    const train =
      `train --data ${photos} --out ${run} ${small} --max-steps 2 --validation-photos 2`;
    const summary = JSON.parse(await json(`${train} --log-every 1 --sample-every 1`));
    assertDocumented("train", summary);
    assert.deepEqual([summary.reason, summary.step], ["completed", 2]);
  });
  await t.step("colorize", async () => {
    const files = `${folder.join("old", "cat.jpg")} ${join(clone, "README.md")}`;
    const lines = (await json(`colorize --model ${run} ${files} --out ${folder.join("out")}`, 1))
      .trimEnd().split("\n").map((line) => JSON.parse(line));
    assertDocumented("colorize", ...lines);
    assert.deepEqual(lines.map(({ photo }) => photo), files.split(" "));
    assert.equal(lines[0].result, folder.join("out", "cat.jpg"));
  });
  await t.step({
    name: noFfmpeg === undefined ? "video" : `video (${noFfmpeg})`,
    ignore: noFfmpeg !== undefined,
    fn: async () => {
      drawClip(folder.join("clip.mkv"));
      const files = `${folder.join("clip.mkv")} ${folder.join("made.mkv")}`;
      const made = JSON.parse(await json(`video --model ${run} ${files}`));
      assertDocumented("video", made);
      assert.deepEqual([made.frames, made.width, made.height], [3, 40, 30]);
    },
  });
  await t.step("evaluate", async () => {
    const one = JSON.parse(await json(`evaluate --model ${run} --data ${photos}`));
    assert.equal(one.comparison, null);
    const twice = `evaluate --model ${run} --model ${run} --data ${photos}`;
    const two = JSON.parse(await json(twice));
    // Nothing is told apart of a model and itself, so that this list has no entry to be seen.
    assert.deepEqual(two.comparison.toldApart, []);
    two.comparison.toldApart.push("psnr");
    assertDocumented("evaluate", one, two);
  });
  await t.step("export", async () => {
    const exported = `export --model ${run} --out ${folder.join("exports")} --name mine`;
    const told = JSON.parse(await json(exported));
    assertDocumented("export", told);
    assert.deepEqual([told.folder, told.whole], [folder.join("exports", "mine"), false]);
  });
  await t.step("check", async () => {
    const check = `check --data ${photos} ${small} --max-steps 5`;
    const found = JSON.parse(await json(check));
    const unmeasured = check.replace(" --threads 1", "").replace("32", "64") + " --no-measure";
    const looked = JSON.parse(await json(unmeasured));
    assert.equal(looked.needs, null);
    const large = unmeasured.replace("--batch-size 2", "--batch-size 1000");
    assertDocumented("check", found, looked, JSON.parse(await json(large, 1)));
  });
  await t.step("demo", async () => {
    await paintScenes(folder.join("scenes"), 12);
    const demo = JSON.parse(
      await json(
        `demo --data ${folder.join("scenes")} --out ${folder.join("demo")} --minutes 0.05`,
      ),
    );
    assertDocumented("train", demo);
    assert.deepEqual([demo.run, demo.reason], [folder.join("demo"), "limit"]);
    assert.equal(demo.samples, folder.join("demo", "colorized.png"));
  });
  await t.step("augment", async () => {
    const sheet = folder.join("sheet.png");
    const [cat, broken] = [join(photos, "cat.jpg"), folder.join("broken.jpg")];
    await writeFile(broken, "no photo");
    const augment = `augment ${cat} ${broken} --out ${sheet} --size 32 --draws 1 --blur 2`;
    const done = JSON.parse(await json(augment, 1));
    assertDocumented("augment", done);
    assert.deepEqual([done.sheet, done.photos, done.options.blur], [sheet, 1, 2]);
  });
  await t.step("setup", async () => {
    const found = JSON.parse(await json("setup"));
    assertDocumented("setup", found);
    assert.deepEqual([found.source, found.fetched], ["explicit", false]);
    assertDocumented("setup --list", JSON.parse(await json("setup --list")));
  });
  await t.step("parity", async () => {
    const fixture = join(clone, "tests", "testdata", "parity", "vanilla");
    const replayed = JSON.parse(await json(`parity ${fixture}`));
    assertDocumented("parity", replayed);
    assert.deepEqual([replayed.ok, replayed.fixtures[0].folder], [true, fixture]);
  });
  await t.step("onnx", async () => {
    const at = (name: string) => join(clone, "tests", "testdata", "onnx", name);
    const [network, input, output] = ["legacy17.onnx", "in0.npy", "out.npy"]
      .map((end) => at(`eccv16.${end}`));
    const compared = JSON.parse(
      await json(`onnx ${network} --input ${input} --expected ${output}`),
    );
    assertDocumented("onnx", compared);
    assert.deepEqual([compared.ok, compared.outputs[0].within], [true, true]);
  });
  await t.step("import --out", async () => {
    const network = join(clone, "tests", "testdata", "imported", "deoldify.onnx");
    const made = JSON.parse(await json(`import ${network} --out ${folder.join("deoldify")}`));
    // What no network has all of.
    const hints = { range: [-110, 110] };
    assertDocumented("import --out", { ...made, profile: { ...made.profile, hints } });
  });
  await t.step("doctor", async () => {
    const found = JSON.parse(await json("doctor --no-measure"));
    assertDocumented("doctor", { ...found, problems: ["one"], notes: ["one"] });
  });
  await t.step("token --list", async () => {
    const access = folder.join("access.json");
    assert.equal((await runKeptTinct(["token", "ci", "--access", access])).code, 0);
    assertDocumented("token --list", JSON.parse(await json(`token --list --access ${access}`)));
  });
  await t.step("health, of which tests/cli/commands_test.ts has the answer", () => {
    assertDocumented("health", { status: "SERVING" });
  });
});
