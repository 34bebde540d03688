import assert from "assert";
import { chmod, writeFile } from "node:fs/promises";
import { groupDevices } from "../../src/fleet/device_slots.ts";
import { cpuDevice, deviceNamed, findDevices, memoryInUse } from "../../src/fleet/find_devices.ts";
import { environmentFor } from "../../src/fleet/worker_environment.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Two cards, the second one divided in two; answers as nvidia-smi does. */
const nvidiaSmi = `#!/bin/sh
case "$1" in
--query-gpu=index,uuid,name,memory.total)
  echo '0, GPU-aa-1, NVIDIA H200, 143771'
  echo '1, GPU-bb-2, NVIDIA A100-SXM4-40GB, 40960' ;;
--query-gpu=uuid,memory.used)
  echo 'GPU-aa-1, 5233'
  echo 'GPU-bb-2, 17' ;;
-L)
  echo 'GPU 0: NVIDIA H200 (UUID: GPU-aa-1)'
  echo 'GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb-2)'
  echo '  MIG 3g.20gb     Device  0: (UUID: MIG-c6)'
  echo '  MIG 3g.20gb     Device  1: (UUID: MIG-cb)' ;;
*) exit 2 ;;
esac
`;

/** Runs something with this program first on the PATH. */
async function withNvidiaSmi<T>(program: string, work: () => Promise<T>): Promise<T> {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("nvidia-smi");
  await writeFile(file, program);
  await chmod(file, 0o755);
  const before = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", `${folder.path}:${before}`);
  try {
    return await work();
  } finally {
    Deno.env.set("PATH", before);
  }
}

Deno.test("every card and every part of a divided one is a device, under the name that CUDA knows", async () => {
  const devices = await withNvidiaSmi(nvidiaSmi, () => findDevices());
  const part = {
    kind: "gpu",
    description: "NVIDIA A100-SXM4-40GB MIG 3g.20gb",
    memoryBytes: 20 * 2 ** 30,
  };
  assert.deepEqual(devices, [
    {
      name: "gpu:0",
      kind: "gpu",
      description: "NVIDIA H200",
      memoryBytes: 143771 * 2 ** 20,
      cudaNames: { "gpu:0": "GPU-aa-1" },
    },
    { ...part, name: "gpu:1.0", cudaNames: { "gpu:1.0": "MIG-c6" } },
    { ...part, name: "gpu:1.1", cudaNames: { "gpu:1.1": "MIG-cb" } },
  ]);
});

Deno.test("CUDA_VISIBLE_DEVICES decides which become devices; a worker sees its own alone", async () => {
  const seen = await withNvidiaSmi(nvidiaSmi, async () => {
    const found: string[][] = [];
    for (const visibleGpus of ["MIG-cb,0", "GPU-aa", "-1"]) {
      const environment = { CUDA_VISIBLE_DEVICES: visibleGpus, TF_X: "y" };
      found.push(
        (await findDevices({ visibleGpus })).map((device) => {
          const { CUDA_VISIBLE_DEVICES, TF_X } = environmentFor(device, environment);
          assert.equal(TF_X, "y");
          return `${device.name} ${CUDA_VISIBLE_DEVICES}`;
        }),
      );
    }
    return found;
  });
  assert.deepEqual(seen, [["gpu:1.1 MIG-cb", "gpu:0 GPU-aa-1"], ["gpu:0 GPU-aa-1"], ["cpu -1"]]);
});

Deno.test("a card without a UUID is shown by its number in the order of the bus", () => {
  assert.deepEqual(environmentFor({ name: "gpu:3", kind: "gpu" }, {}), {
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: "3",
  });
});

Deno.test("deviceNamed() takes what is there and the CPU, and nothing silently in its place", async () => {
  const devices = await withNvidiaSmi(nvidiaSmi, () => findDevices({ visibleGpus: "1" }));
  const { CUDA_VISIBLE_DEVICES } = environmentFor(deviceNamed("gpu:1.1", devices), {});
  assert.equal(CUDA_VISIBLE_DEVICES, "MIG-cb");
  const [group] = groupDevices(devices, 2);
  assert.ok(group !== undefined && group.name === "gpu:1.0+gpu:1.1");
  for (const [name, cudaName] of [["gpu:1.0", "MIG-c6"], ["gpu:1.1", "MIG-cb"]] as const) {
    assert.equal(environmentFor({ ...group, name }, {}).CUDA_VISIBLE_DEVICES, cudaName);
    assert.deepEqual(deviceNamed(name, [group]).replicas, undefined);
  }
  assert.equal(deviceNamed("cpu", devices).kind, "cpu");
  const refused = { code: "invalid_argument", message: /give one of gpu:1\.0, gpu:1\.1, cpu\.$/ };
  for (const name of ["gpu:0", "gpu:1", "GPU:1.0", ""]) {
    assert.throws(() => deviceNamed(name, devices), refused);
  }
  const cpuOnly = devices.filter(({ kind }) => kind === "cpu");
  assert.throws(() => deviceNamed("gpu:0", cpuOnly, { visibleGpus: "-1" }), {
    code: "failed_precondition",
    message:
      /^The device gpu:0 was requested, but there is no GPU: .*CUDA_VISIBLE_DEVICES=-1 hides/,
  });
});

Deno.test("memory in use is told of whole cards, idle ones too, of groups as a sum, and of the processors", async () => {
  const [whole] = await withNvidiaSmi(nvidiaSmi, () => findDevices({ visibleGpus: "0" }));
  const group = {
    ...whole!,
    name: "gpu:0+gpu:1",
    cudaNames: { "gpu:0": "GPU-aa-1", "gpu:1": "GPU-bb-2" },
  };
  const part = { ...whole!, name: "gpu:1.0", cudaNames: { "gpu:1.0": "MIG-c6" } };
  const found = await withNvidiaSmi(nvidiaSmi, () => memoryInUse([whole!, group, part]));
  assert.deepEqual(found.map(([{ name }, bytes]) => [name, bytes / 2 ** 20]), [
    ["gpu:0", 5233],
    ["gpu:0+gpu:1", 5250],
  ]);
  const idle = nvidiaSmi.replace("GPU-aa-1, 5233", "GPU-aa-1, 0");
  const nameless = { ...whole!, name: "gpu:9", cudaNames: {} };
  assert.deepEqual(await withNvidiaSmi(idle, () => memoryInUse([whole!, nameless])), [[whole, 0]]);
  const [[, bytes] = [undefined, NaN]] = await memoryInUse([cpuDevice()]);
  assert.ok(bytes > 0 && bytes < cpuDevice().memoryBytes);
  assert.deepEqual(await withNvidiaSmi("#!/bin/sh\nexit 9\n", () => memoryInUse([whole!])), []);
});
