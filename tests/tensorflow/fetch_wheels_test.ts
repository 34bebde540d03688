import assert from "assert";
import { isWanted, pipArguments, wheelsFor } from "../../src/tensorflow/fetch_wheels.ts";
import { TENSORFLOW_VERSION } from "../../src/tensorflow/library.ts";

const all = [
  ...wheelsFor("linux-x64", "cpu"),
  ...wheelsFor("linux-arm64", "cpu"),
  ...wheelsFor("macos-arm64", "cpu"),
  ...wheelsFor("linux-x64", "gpu"),
];

Deno.test("wheelsFor() pins every wheel once, by name, size and SHA-256", () => {
  assert.equal(new Set(all.map((wheel) => wheel.sha256)).size, all.length);
  for (const { file, sha256, sizeBytes, unpackedBytes } of all) {
    assert.match(file, /^\w+-[\d.]+-(cp311-cp311|py3-none)-[\w.]+\.whl$/);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    // cuda_runtime holds headers and static libraries besides the one library that is taken.
    if (!file.startsWith("nvidia_cuda_runtime")) assert.ok(unpackedBytes > sizeBytes, file);
  }
});

Deno.test("wheelsFor() begins with TensorFlow's own wheel, of the version Tinct is built for", () => {
  for (const [platform, variant] of [["linux-x64", "cpu"], ["linux-x64", "gpu"]] as const) {
    const [first] = wheelsFor(platform, variant);
    assert.equal(first?.file.split("-")[1], TENSORFLOW_VERSION);
  }
});

Deno.test("pipArguments() names every platform of a wheel", () => {
  const wheel = all.find((each) => each.file.startsWith("nvidia_cufft"));
  assert(wheel);
  assert.deepEqual(pipArguments(wheel), [
    "--no-deps",
    "--only-binary=:all:",
    "--implementation=cp",
    "--python-version=3.11",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "nvidia-cufft-cu12==11.4.1.4",
  ]);
});

const members: readonly [string, boolean][] = [
  ["tensorflow/libtensorflow_cc.so.2", true],
  ["tensorflow/libtensorflow_framework.2.dylib", true],
  ["nvidia/cublas/lib/libcublas.so.12", true],
  ["nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9", true],
  ["nvidia/cuda_cupti/lib/libnvperf_host.so", true],
  ["nvidia/cuda_nvcc/bin/ptxas", true],
  ["nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc", true],
  ["tensorflow/python/_pywrap_tfe.so", false],
  ["tensorflow/libtensorflow_cc.so.2.params", false],
  ["nvidia/cuda_runtime/lib/libcudart_static.a", false],
  ["nvidia/cudnn/include/cudnn.h", false],
  ["nvidia/cublas/lib/../../../evil.so", false],
  ["../tensorflow/libtensorflow_cc.so.2", false],
  ["nvidia/cublas/lib/libcublas.so.12/x", false],
];

for (const [member, wanted] of members) {
  Deno.test(`isWanted() ${wanted ? "takes" : "leaves"} ${member}`, () => {
    assert.equal(isWanted(member), wanted);
  });
}
