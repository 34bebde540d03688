import { TinctError } from "../errors.ts";
import { counted } from "../words.ts";
import type { SlotDevice } from "./device_slots.ts";
import { type DeviceEnvironment, deviceNamed } from "./find_devices.ts";

/**
 * The device of each worker that colorizes: those that were named, in turn.
 *
 * @param given one device, or several with commas between.
 * @param workers how many there are to be; 0: one for each device.
 * @throws {TinctError} as `deviceNamed`; invalid_argument for one that is named twice, and for fewer
 *   workers than devices.
 */
export function colorizeDevices(
  given: string,
  workers: number,
  devices: readonly SlotDevice[],
  environment: DeviceEnvironment = {},
): readonly [string, ...string[]] {
  const [first = "", ...others] = given.split(",").map((name) => name.trim());
  const names = [first, ...others];
  for (const name of names) deviceNamed(name, devices, environment);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new TinctError(
      "invalid_argument",
      `--colorize-device names ${twice} twice: name each device once, and say how many workers ` +
        "there are to be with --colorize-workers.",
    );
  }
  if (workers !== 0 && workers < names.length) {
    throw new TinctError(
      "invalid_argument",
      `--colorize-device names ${counted(names.length, "device")}, and --colorize-workers ` +
        `${workers} would leave some without a worker: name fewer, or give more workers.`,
    );
  }
  const further = Array.from(
    { length: Math.max(workers, names.length) - 1 },
    (_, index) => names[(index + 1) % names.length] ?? first,
  );
  return [first, ...further];
}
