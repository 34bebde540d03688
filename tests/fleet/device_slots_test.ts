import assert from "assert";
import { groupDevices, replicasOf, type SlotDevice } from "../../src/fleet/device_slots.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const gpus = (count: number): SlotDevice[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `gpu:${index}`,
    kind: "gpu",
    description: "NVIDIA H200",
    memoryBytes: 100 + index,
  }));

Deno.test("groupDevices() makes slots of as many GPUs as a job has replicas", () => {
  assert.deepEqual(groupDevices(gpus(4), 2), [
    {
      name: "gpu:0+gpu:1",
      kind: "gpu",
      description: "NVIDIA H200",
      memoryBytes: 201,
      replicas: ["gpu:0", "gpu:1"],
    },
    {
      name: "gpu:2+gpu:3",
      kind: "gpu",
      description: "NVIDIA H200",
      memoryBytes: 205,
      replicas: ["gpu:2", "gpu:3"],
    },
  ]);
  assert.deepEqual(groupDevices(gpus(3), 1), gpus(3));
  assert.deepEqual(gpus(3).map(replicasOf), [["gpu:0"], ["gpu:1"], ["gpu:2"]]);
});

Deno.test("groupDevices() makes one slot of the processors, which the replicas share", () => {
  const cpu = cpuDevice();
  const [slot, ...others] = groupDevices([cpu], 3);
  assert.deepEqual(others, []);
  assert.deepEqual(slot, { ...cpu, name: "cpu+cpu+cpu", replicas: ["cpu", "cpu", "cpu"] });
});

Deno.test("groupDevices() refuses to leave GPUs over", () => {
  for (const [count, replicas] of [[3, 2], [1, 2], [4, 3]] as const) {
    assert.throws(
      () => groupDevices(gpus(count), replicas),
      failsWith(
        "failed_precondition",
        new RegExp(
          `^--replicas ${replicas} would leave some of this machine's GPUs \\(${count}\\)`,
        ),
      ),
    );
  }
});
