import assert from "assert";
import { join } from "node:path";
import { temporaryFolder } from "../tensorflow/tiny_wheel.ts";
import { describeDiagnosis } from "../../src/cli/doctor.ts";
import type { MeasuredDiagnosis } from "../../src/local_training/step_speeds.ts";
import { runTinct } from "./run_tinct.ts";

Deno.test("tinct doctor finds everything that the tests need, in silence", async () => {
  const { code, stdout, stderr } = await runTinct(["doctor", "--no-measure"]);
  assert.equal(stderr, "");
  assert.match(stdout, /\n {2}TensorFlow +2\.21\.\d+, /);
  assert.match(stdout, /\n {2}devices +CPU:0/);
  assert.match(stdout, /Everything Tinct needs is here\.\n$/);
  assert.equal(code, 0);
});

Deno.test("tinct doctor --debug shows what TensorFlow logs", async () => {
  const { code, stderr } = await runTinct(["doctor", "--no-measure", "--debug"]);
  assert.match(stderr, /\.cc:\d+\]/);
  assert.equal(code, 0);
});

Deno.test("tinct doctor --json says the same for programs", async () => {
  const { code, stdout } = await runTinct(["doctor", "--no-measure", "--json"]);
  const report: MeasuredDiagnosis & { ok: boolean } = JSON.parse(stdout);
  assert.equal(report.ok, true);
  assert.deepEqual(report.problems, []);
  assert.match(report.library?.loadedVersion ?? "", /^2\.21\./);
  assert.equal(report.devices[0]?.type, "CPU");
  assert.ok(report.threads >= 1);
  assert.equal(code, 0);
});

Deno.test("tinct doctor exits with 1 and says what to do when library and pip are missing", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await runTinct(["doctor", "--no-measure"], {
    environment: {
      TINCT_TENSORFLOW: undefined,
      TINCT_CACHE: join(folder.path, "cache"),
      PATH: folder.path,
    },
  });
  assert.equal(stderr, "");
  assert.match(stdout, /\nMissing: There is no TensorFlow library in .*`deno task tinct setup`/);
  assert.match(stdout, /\nMissing: Fetching TensorFlow needs Python 3 with pip/);
  assert.match(stdout, /Something Tinct needs is missing\.\n$/);
  assert.equal(code, 1);
});

Deno.test("tinct doctor exits with 1 when TINCT_TENSORFLOW names a folder without a library", async () => {
  const { code, stdout } = await runTinct(["doctor", "--no-measure"], {
    environment: { TINCT_TENSORFLOW: "/nowhere" },
  });
  assert.match(
    stdout,
    /\nMissing: There is no libtensorflow_cc.* in \/nowhere; set TINCT_TENSORFLOW/,
  );
  assert.equal(code, 1);
});

const machine: MeasuredDiagnosis = {
  deno: { version: "2.9.3", expected: "2.9.3" },
  processor: { model: "Processor", avx: true, bfloat16: ["amx_bf16", "avx512_bf16"] },
  threads: 8,
  precision: "float32",
  library: undefined,
  devices: [{ name: "/job:localhost/replica:0/task:0/device:CPU:0", type: "CPU", memoryBytes: 1 }],
  tensorFloat32Switch: true,
  nvidiaDriver: "550.54.15",
  pip: { command: "python3 -m pip", version: "24.0" },
  cache: { folder: "/cache", freeBytes: 5e9 },
  problems: [],
  notes: [],
  speeds: undefined,
};

const speeds = { measuredAt: "2026-11-30T10:00:00.000Z" } as const;

const gpu = { name: "/device:GPU:0", type: "GPU", memoryBytes: 80e9 };

const lines: readonly { name: string; change: Partial<MeasuredDiagnosis>; says: RegExp }[] = [
  {
    name: "a processor that was not measured",
    change: {},
    says: /not been measured: `doctor --measure` does \(it has amx_bf16\)/,
  },
  {
    name: "a processor on which bfloat16 is faster",
    change: { speeds: { ...speeds, float32Ms: 700, bfloat16Ms: 301, fastest: "bfloat16" } },
    says:
      /--precision bfloat16 is faster: a full-size step took 301 ms in bfloat16 and 700 ms in float32 \(0\.43 of it\) on 2026-11-30 \(it has amx_bf16\)/,
  },
  {
    name: "a processor on which it is not",
    change: {
      processor: { model: "Old", avx: true, bfloat16: [] },
      speeds: { ...speeds, float32Ms: 500, bfloat16Ms: 5300, fastest: "float32" },
    },
    says: /float32 is the right one: .* \(11 of it\) .* \(it has no instructions for bfloat16\)/,
  },
  {
    name: "a processor of whose instructions nothing is known",
    change: { processor: { model: "Other", avx: undefined, bfloat16: undefined } },
    says: /`doctor --measure` does\n/,
  },
  {
    name: "a GPU and its memory",
    change: { devices: [...machine.devices, gpu] },
    says: /devices +CPU:0, GPU:0 \(80\.0 GB\)/,
  },
  {
    name: "TensorFloat-32 on a CPU",
    change: {},
    says: /TensorFloat-32 +a CPU has none: --precision tf32 computes as float32 does/,
  },
  {
    name: "TensorFloat-32 on a GPU",
    change: { devices: [...machine.devices, gpu] },
    says: /TensorFloat-32 +off with --precision float32, on with tf32/,
  },
  {
    name: "a library that cannot turn TensorFloat-32 off",
    change: { devices: [...machine.devices, gpu], tensorFloat32Switch: false },
    says: /TensorFloat-32 +on, and this library cannot turn it off/,
  },
  { name: "the driver", change: {}, says: /NVIDIA driver +550\.54\.15/ },
  { name: "a note", change: { notes: ["Look here."] }, says: /\nNote: Look here\.\nEverything/ },
];

for (const { name, change, says } of lines) {
  Deno.test(`describeDiagnosis() tells of ${name}`, () => {
    assert.match(describeDiagnosis({ ...machine, ...change }).replace(/\n {10,}/g, " "), says);
  });
}
