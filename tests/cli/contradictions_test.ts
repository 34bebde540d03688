import assert from "assert";
import { runKeptTinct } from "./run_tinct.ts";

const wrong = [
  ...["--batch-size", "0", "--gan-mode", "wgangp", "--norm-d", "batch"],
  ...["--pretrain-steps", "5", "--lambda-l1", "0"],
];

const said =
  /^--batch-size must be from 1 to 1024 photos, not 0; --norm-d must be auto, instance, none or spectral with --gan-mode wgangp, not batch: .*; --pretrain-steps must be 0 where --lambda-l1 is 0, not 5: /;

Deno.test("commands name every option that is wrong or contradicts another at once, by its flag", async () => {
  const commands = [
    ["train", "--data", "nowhere", "--out", "nowhere"],
    ["check", "--data", "nowhere"],
    ["submit", "--server", "unix:nowhere", "--dataset", "nowhere"],
  ];
  for (const words of commands) {
    const { code, stderr } = await runKeptTinct([...words, ...wrong]);
    assert.equal(code, 2);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
  const replicas = await runKeptTinct([
    ...["train", "--data", "nowhere", "--out", "nowhere", "--replicas", "2", "--xla"],
    ...["--pool-size", "5", "--lr-g", "7"],
  ]);
  assert.match(
    replicas.stderr,
    /^--lr-g must be .*; --xla is not available .*; --pool-size must be 0 with/,
  );
});

Deno.test("a run that is resumed is not judged by the defaults of what it has already", async () => {
  const { stderr } = await runKeptTinct([
    ...["train", "--data", "nowhere", "--out", "elsewhere", "--resume", "--size", "64"],
  ]);
  assert.match(stderr, /holds no checkpoint to resume from/);
});

const refused: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [["serve", "--data-dir", "none", "--web", "off", "--web-metrics"], /^--web-metrics does not go/],
  [
    ["serve", "--data-dir", "none", "--web", "off", "--web-origin", "https://a.example"],
    /^--web-origin does not go with --web off/,
  ],
  [
    ["serve", "--data-dir", "none", "--listen", "unix:none", "--web-metrics"],
    /^--web-metrics needs --web HOST:PORT/,
  ],
  [
    ["colorize", "--model", "none", "--out", "none", "--format", "png", "--quality", "9", "none"],
    /^--quality does not apply to --format png/,
  ],
];

Deno.test("an option that says nothing beside another one is refused", async () => {
  for (const [words, says] of refused) {
    const { code, stderr } = await runKeptTinct(words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
});
