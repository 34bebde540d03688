import type { GetCapabilitiesResponse__Output } from "../protocol/generated/tinct/v1/get_capabilities_response.ts";
import type { TrainingConfig__Output } from "../protocol/generated/tinct/v1/training_config.ts";
import { givenOptions, optionName } from "../protocol/training_options.ts";
import { flagOf } from "../terminal/arguments.ts";
import type { ServiceClient } from "./service_client.ts";

/**
 * The options that differ from the server's defaults, as `submit` takes them, such as
 * "--batch-size 8 --no-flip"; "none" where all are at their defaults.
 */
export async function changedOptions(
  client: ServiceClient,
  config: TrainingConfig__Output | null,
): Promise<string> {
  const { trainingOptions } = await client.ask<GetCapabilitiesResponse__Output>((answer) =>
    client.jobs.getCapabilities({}, answer)
  );
  const defaults = new Map(
    trainingOptions.map(({ name, defaultValue }) => [optionName(name), defaultValue]),
  );
  const values: Readonly<Record<string, unknown>> = { ...config };
  const flags = Object.entries(givenOptions(config)).flatMap(([name, value]) => {
    const usual = defaults.get(name);
    if (usual === undefined || String(values[name]) === usual) return [];
    if (typeof value === "boolean") return [`--${value ? "" : "no-"}${flagOf(name)}`];
    return [`--${flagOf(name)} ${value}`];
  });
  return flags.length === 0 ? "none" : flags.join(" ");
}
