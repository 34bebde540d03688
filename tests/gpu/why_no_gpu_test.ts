import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { type DriverFacts, readDriver } from "../../src/gpu/driver.ts";
import { type GpuFacts, noGpu, obstaclesToGpu, whyNoGpu } from "../../src/gpu/why_no_gpu.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Of `/proc/driver/nvidia/version`. */
const versionFile = (version: string) =>
  `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Thu Feb 22 01:44:30 UTC 2024\n` +
  "GCC version:  gcc version 11.4.0\n";

const driver: DriverFacts = {
  isThere: true,
  version: "550.54.15",
  cards: 2,
  hasNvidiaSmi: true,
};
const noDriver = { isThere: false, version: undefined, cards: undefined, hasNvidiaSmi: false };
const hidden = { isThere: undefined, version: undefined, cards: undefined };
const library = { builtWithCuda: true, missing: [], driverCuda: 12_040 };
const facts = (changes: Partial<GpuFacts>): GpuFacts => ({
  driver,
  visible: undefined,
  library,
  ...changes,
});

const cases: Record<string, { facts: GpuFacts; says: RegExp[] }> = {
  "no driver": {
    facts: facts({
      driver: noDriver,
      library: { builtWithCuda: false, missing: [], driverCuda: undefined },
    }),
    says: [
      /^there is no NVIDIA driver \(no \/proc\/driver\/nvidia, no nvidia-smi, no libcuda\.so\.1\): install/,
      /^the TensorFlow library is the build for CPUs: `deno task tinct setup --gpu`/,
    ],
  },
  "no driver, in a worker that may not look at the system": {
    facts: facts({
      driver: { ...hidden, hasNvidiaSmi: undefined },
      library: { ...library, driverCuda: undefined },
    }),
    says: [/^there is no NVIDIA driver \(no libcuda\.so\.1\)/],
  },
  "a driver whose library is not in the container": {
    facts: facts({ library: { ...library, driverCuda: undefined } }),
    says: [/^the NVIDIA driver's library libcuda\.so\.1 does not load: start the container/],
  },
  "the build for CPUs": {
    facts: facts({ library: { ...library, builtWithCuda: false } }),
    says: [/^the TensorFlow library is the build for CPUs/],
  },
  "libraries of CUDA that are missing": {
    facts: facts({ library: { ...library, missing: ["libcublas.so.12", "libcudnn.so.9"] } }),
    says: [
      /^CUDA's libcublas\.so\.12, libcudnn\.so\.9 do not load: .*`deno task tinct setup --gpu`/,
    ],
  },
  "a driver that is too old, by its version": {
    facts: facts({ driver: { ...driver, version: "470.82.01" } }),
    says: [
      /^the NVIDIA driver 470\.82\.01 is too old for CUDA 12: install one from 525\.60\.13 on/,
    ],
  },
  "a driver that is too old, by what it runs": {
    facts: facts({
      driver: { ...hidden, hasNvidiaSmi: undefined },
      library: { ...library, driverCuda: 11_080 },
    }),
    says: [/^the NVIDIA driver of CUDA 11\.8 is too old/],
  },
  "a driver without a card": {
    facts: facts({ driver: { ...driver, cards: 0 } }),
    says: [/^the NVIDIA driver knows no card/],
  },
  "cards that are hidden": {
    facts: facts({ visible: "" }),
    says: [/^CUDA_VISIBLE_DEVICES= hides every card of the 2: unset it, or name one/],
  },
  "a card's number that there is not": {
    facts: facts({ visible: "2,0" }),
    says: [/^CUDA_VISIBLE_DEVICES=2,0 hides every card/],
  },
  "nothing that can be seen": {
    facts: facts({ visible: "1" }),
    says: [/doctor --debug` shows what TensorFlow says/],
  },
};
for (const [name, { facts, says }] of Object.entries(cases)) {
  Deno.test(`whyNoGpu() tells of ${name}`, () => {
    const reasons = whyNoGpu(facts);
    assert.equal(reasons.length, says.length, reasons.join("\n"));
    for (const [index, pattern] of says.entries()) assert.match(reasons[index]!, pattern);
    assert.equal(noGpu(facts).code, "failed_precondition");
  });
}

Deno.test("obstaclesToGpu() finds none with the oldest driver that serves", () => {
  for (const version of ["525.60.13", "525.105.17", "580.1", "of Windows", undefined]) {
    assert.deepEqual(obstaclesToGpu(facts({ driver: { ...driver, version } })), [], `${version}`);
  }
  for (const version of ["525.60.11", "525.60", "470.199.02"]) {
    assert.equal(obstaclesToGpu(facts({ driver: { ...driver, version } })).length, 1, version);
  }
});

Deno.test("readDriver() reads what the driver says of itself, and that there is none", async () => {
  await using folder = await TemporaryFolder.create();
  const nowhere = readDriver({ folder: folder.join("none"), searchPath: folder.path });
  assert.deepEqual(nowhere, { ...noDriver, isThere: nowhere.isThere, version: nowhere.version });
  assert.notEqual(nowhere.isThere, undefined);
  await mkdir(folder.join("gpus/0000:01:00.0"), { recursive: true });
  await writeFile(folder.join("version"), versionFile("470.82.01"));
  await writeFile(folder.join("nvidia-smi"), "");
  assert.deepEqual(readDriver({ folder: folder.path, searchPath: `/x:${folder.path}` }), {
    isThere: true,
    version: "470.82.01",
    cards: 1,
    hasNvidiaSmi: true,
  });
});
