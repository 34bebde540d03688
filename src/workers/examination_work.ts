import { join } from "node:path";
import { readEnvironment } from "../config.ts";
import { Engine } from "../engine/engine.ts";
import { reworded, TinctError } from "../errors.ts";
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
    // Clients know the files by their names, not by where they lie while they are looked at.
    const shorten = (text: string) => text.replaceAll(`${folder}/`, "");
    throw error instanceof TinctError ? reworded(error, shorten) : error;
  }
  return { outcome: "OUTCOME_SUCCEEDED" };
}
