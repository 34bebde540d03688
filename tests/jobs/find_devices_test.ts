import assert from "assert";
import { readGpuTable } from "../../src/jobs/find_devices.ts";

Deno.test("readGpuTable() reads nvidia-smi's table, and nothing from what is none", () => {
  const gpu = (index: number, description: string, memoryBytes: number) => ({
    name: `gpu:${index}`,
    kind: "gpu",
    description,
    memoryBytes,
  });
  const cases = [
    {
      text: "0, NVIDIA H200, 143771\n1, NVIDIA H200, 143771\n",
      devices: [gpu(0, "NVIDIA H200", 143771 * 2 ** 20), gpu(1, "NVIDIA H200", 143771 * 2 ** 20)],
    },
    { text: "0, NVIDIA GB10, [N/A]\n", devices: [gpu(0, "NVIDIA GB10", 0)] },
    { text: "No devices were found\n", devices: [] },
    { text: "", devices: [] },
  ];
  for (const { text, devices } of cases) assert.deepEqual(readGpuTable(text), devices);
});
