import { TinctError } from "../errors.ts";
import type { NetworkReport__Output } from "../protocol/generated/tinct/worker/v1/network_report.ts";
import { deviceNamed } from "./find_devices.ts";
import { workForReport } from "./report_work.ts";
import { environmentFor, type FleetSetting } from "./worker_environment.ts";

/** A network of another program to look at. */
export interface NetworkToExamine {
  /** Its folder, absolute. */
  readonly folder: string;
  /** Its file in there. */
  readonly fileName: string;
  /** Its profile, by name or as JSON; "": it is guessed. */
  readonly profile: string;
}

/**
 * Has a worker that does nothing else look at a network, so that one that needs more memory than there is
 * ends nobody's work but this. It computes where photos are colorized. See `Workbench.examine`.
 */
export async function examineNetwork(
  setting: FleetSetting,
  network: NetworkToExamine,
  signal: AbortSignal,
): Promise<NetworkReport__Output> {
  signal.throwIfAborted();
  const { libraryPath, devices, colorizeDevice = "cpu", environment, threads = 0 } =
    setting.options;
  const task = {
    access: {
      program: "examine",
      read: [network.folder],
      write: [],
      libraryPath,
      environment: environmentFor(deviceNamed(colorizeDevice, devices), environment),
    },
    assignment: { examination: { ...network, device: colorizeDevice, threads } },
  } as const;
  return await workForReport(setting, task, {
    reportIn: ({ kind, value }) => kind === "network" ? value : undefined,
    signal,
    whenLost: (loss) =>
      new TinctError(
        "resource_exhausted",
        `The worker that looked at ${network.fileName} was lost: ${loss}. The network may need more ` +
          "memory than there is; a smaller one may fit.",
        { kind: "NETWORK_LOST", retryDelayMs: Infinity },
      ),
  });
}
