import assert from "assert";
import { copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import {
  builtWithCuda,
  driverCudaVersion,
  missingCudaLibraries,
  openUnreachedLibraries,
} from "../../src/tensorflow/cuda_facts.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { libraryPath, testLibrary } from "./test_library.ts";

Deno.test("the library says whether it is a build for CUDA", () => {
  const isGpuBuild = /-gpu-/.test(libraryPath());
  assert.equal(builtWithCuda(testLibrary().symbols), isGpuBuild);
});

Deno.test("libraries of CUDA are looked for beside TensorFlow's, where the wheels put them", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tensorflow/libtensorflow_cc.so.2");
  const before = missingCudaLibraries(path);
  // Any library that loads stands in for one of CUDA's.
  const standIn = `${dirname(libraryPath())}/libtensorflow_framework.so.2`;
  for (const [name, file] of [["cudnn", "libcudnn.so.9"], ["cufft", "libcufft.so.11"]] as const) {
    await mkdir(folder.join("nvidia", name, "lib"), { recursive: true });
    await symlink(standIn, folder.join("nvidia", name, "lib", file));
  }
  await mkdir(folder.join("tensorflow"));
  const after = missingCudaLibraries(path);
  assert.deepEqual(
    after,
    before.filter((name) => !["libcudnn.so.9", "libcufft.so.11"].includes(name)),
  );
  assert.ok(!after.includes("libcudnn.so.9"));
});

Deno.test("cuSOLVER, which TensorFlow's run path leaves out, is opened beside it", {
  ignore: process.platform !== "linux",
}, async () => {
  await using folder = await TemporaryFolder.create();
  const cusolver = folder.join("nvidia/cusolver/lib/libcusolver.so.11");
  const isOpen = async () => (await readFile("/proc/self/maps", "utf8")).includes(cusolver);
  openUnreachedLibraries(folder.join("tensorflow/libtensorflow_cc.so.2"));
  assert.equal(await isOpen(), false);
  await mkdir(dirname(cusolver), { recursive: true });
  const [mathematics] = /\/\S*\/libm\.so\S*/.exec(await readFile("/proc/self/maps", "utf8")) ?? [];
  await copyFile(mathematics!, cusolver); // any library that loads stands in for it
  openUnreachedLibraries(folder.join("tensorflow/libtensorflow_cc.so.2"));
  assert.equal(await isOpen(), true);
});

Deno.test("a library that is no driver, or none at all, is no driver", () => {
  assert.equal(driverCudaVersion("libc.so.6"), undefined);
  assert.equal(driverCudaVersion("/nowhere/libcuda.so.1"), undefined);
});
