import assert from "assert";
import { fileURLToPath } from "node:url";
import { deviceTable, type Setting } from "../../bench/device_table.ts";

const setting = (name: string, times: readonly [string, number, number[]][]): Setting => ({
  name,
  program: "tinct",
  args: [],
  failure: undefined,
  measurements: times.map(([name, batch, ms]) => ({ name, batch, precision: "float32", ms })),
});

Deno.test("deviceTable() names the device, and gives medians and photos a second", () => {
  const full = setting("A", [
    ["train_step", 1, [20, 25, 90]],
    ["train_step", 16, [160]],
    ["inference", 1, [5]],
    ["inference", 16, [33.333]],
    ["trace", 1, [400]],
  ]);
  const part = {
    ...setting("B", [["train_step", 1, [1234.5]]]),
    failure: "batch 16: ended with 1: out of memory",
  };
  assert.equal(
    deviceTable("NVIDIA H200, driver 570.1", [1, 16], [full, part]),
    [
      "NVIDIA H200, driver 570.1:",
      "",
      "|  | step, batch 1 | step, batch 16 | image, batch 1 | image, batch 16 |",
      "| --- | --- | --- | --- | --- |",
      "| A | 25 ms, 40/s | 160 ms, 100/s | 5 ms, 200/s | 33.3 ms, 480/s |",
      "| B | 1235 ms, 0.81/s | - | - | - |",
      "",
      "- B, batch 16: ended with 1: out of memory",
    ].join("\n"),
  );
});

/** Runs `side_by_side.ts` as `deno task bench` does, with more arguments. */
async function bench(args: readonly string[], environment: Record<string, string> = {}) {
  const program = fileURLToPath(new URL("../../bench/side_by_side.ts", import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, "--limits", "pytorch", "a=true", "b=true", ...args],
    env: environment,
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("bench --device gpu refuses where there is none, and says why", async () => {
  const { code, stdout, stderr } = await bench(["--device", "gpu"], { CUDA_VISIBLE_DEVICES: "-1" });
  assert.match(
    stderr,
    /^A GPU was requested, but none can be used: .*CUDA_VISIBLE_DEVICES=-1 hides every card/,
  );
  assert.deepEqual([code, stdout], [1, ""]);
});

Deno.test("bench --device cpu measures each setting, and tells what could not be", async () => {
  const small = ["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4"];
  const short = ["--warmup", "1", "--repeat", "1", "--threads", "1", "--batch", "2"];
  const { code, stdout } = await bench([
    "--device",
    "cpu",
    "--only",
    "float32",
    ...small,
    ...short,
    ...[
      "--python",
      "true", // a program that measures nothing
    ],
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /^.+:\n\n\| {2}\| step, batch 2 \| image, batch 2 \|\n/);
  assert.match(stdout, /\n\| Tinct float32 \| [\d.]+ ms, [\d.]+\/s \| [\d.]+ ms, [\d.]+\/s \|\n/);
  assert.doesNotMatch(stdout, /tf32/);
  assert.match(stdout, /\n\| PyTorch eager float32 \| - \| - \|/);
});
