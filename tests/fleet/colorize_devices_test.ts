import assert from "assert";
import { colorizeDevices } from "../../src/fleet/colorize_devices.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";

const gpus = ["gpu:0", "gpu:1"].map((name) =>
  ({ name, kind: "gpu", description: "", memoryBytes: 0 }) as const
);

Deno.test("workers that colorize take the named devices in turn, one each by default", () => {
  assert.deepEqual(colorizeDevices("cpu", 0, [cpuDevice()]), ["cpu"]);
  assert.deepEqual(colorizeDevices("cpu", 2, gpus), ["cpu", "cpu"]);
  assert.deepEqual(colorizeDevices("gpu:0, gpu:1", 0, gpus), ["gpu:0", "gpu:1"]);
  assert.deepEqual(colorizeDevices("gpu:1,gpu:0", 3, gpus), ["gpu:1", "gpu:0", "gpu:1"]);
});

Deno.test("devices that are not there, named twice, or left without a worker are refused", () => {
  const refusals: [string, number, RegExp][] = [
    ["gpu:0,gpu:7", 0, /^There is no device gpu:7 .*give one of gpu:0, gpu:1, cpu\.$/],
    ["", 0, /^There is no device /],
    ["gpu:0,gpu:0", 2, /names gpu:0 twice: .*--colorize-workers/],
    ["gpu:0,gpu:1", 1, /names 2 devices, and --colorize-workers 1 would leave some without/],
  ];
  for (const [given, workers, message] of refusals) {
    assert.throws(() => colorizeDevices(given, workers, gpus), {
      name: "TinctError",
      code: "invalid_argument",
      message,
    });
  }
});
