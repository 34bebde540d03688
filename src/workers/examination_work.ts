import { join } from "node:path";
import { readEnvironment } from "../config.ts";
import { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { examineNetwork } from "../imported/examine_network.ts";
import { profileJson } from "../profiles/read_profile.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { Work } from "./server_link.ts";

/** Looks at the assignment's network, and sends what it found. */
export async function workOnExamination({ assignment, start, send }: Work): Promise<Finished> {
  const { examination } = assignment;
  const { libraryPath } = start;
  if (!examination || libraryPath === undefined) {
    throw new TypeError("A worker to examine got another assignment.");
  }
  const { folder, fileName, profile: said, device, threads } = examination;
  using engine = await Engine.start({
    libraryPath,
    device: device.startsWith("gpu") ? "gpu" : "cpu",
    threads,
    visibleGpus: readEnvironment().visibleGpus,
    log: true, // into the server's log
  });
  try {
    const facts = await examineNetwork(engine, join(folder, fileName), { said });
    send({
      network: {
        ...facts,
        profile: profileJson(facts.profile),
        profileName: facts.profileName ?? "",
      },
    });
  } catch (error) {
    throw error instanceof TinctError ? byName(error, `${folder}/`) : error;
  }
  return { outcome: "OUTCOME_SUCCEEDED" };
}

/** Errors name the files as the client does, not where they lie while they are looked at. */
function byName(error: TinctError, folder: string): TinctError {
  const { code, message, violations, retryDelayMs, kind } = error;
  const shorten = (text: string) => text.replaceAll(folder, "");
  return new TinctError(code, shorten(message), {
    violations: violations.map(({ field, description }) => ({
      field,
      description: shorten(description),
    })),
    retryDelayMs,
    kind,
    cause: error,
  });
}
