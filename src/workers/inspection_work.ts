import { join } from "node:path";
import { decodePhoto } from "../images/decode.ts";
import { PhotoError } from "../images/photo_error.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import { listPhotos } from "../images/photo_folder.ts";
import type { PhotoProblem } from "../protocol/generated/tinct/v1/photo_problem.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import { timestampOf } from "../protocol/times.ts";
import type { Work } from "./server_link.ts";

/** The most problems that a report names. */
const MAX_PROBLEMS = 1000;

/** Photos decoded at the same time; each may take a few hundred MB. */
const CONCURRENCY = 2;

/** Looks at every photo of the assignment's folder, and sends a report. */
export async function workOnInspection({ assignment, send, onCommand }: Work): Promise<Finished> {
  const { inspection } = assignment;
  if (!inspection) throw new TypeError("A worker to inspect got another assignment.");
  const stop = new AbortController();
  onCommand(({ kind }) => {
    if (kind === "stop") stop.abort();
  });
  const { datasetFolder } = inspection;
  const { names, unreadable } = await listPhotos(datasetFolder);
  const found = new Findings(names.length);
  for (const { name, reason } of unreadable) found.addProblem(name, "BROKEN", reason);
  const waiting = names.values();
  const look = async () => {
    for (const name of waiting) {
      if (stop.signal.aborted) return;
      await found.look(datasetFolder, name);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, look));
  if (stop.signal.aborted) return { outcome: "OUTCOME_STOPPED" };
  send({ report: found.report() });
  return { outcome: "OUTCOME_SUCCEEDED" };
}

/** What is found out, photo after photo. */
class Findings {
  readonly #photos: number;
  #gray = 0;
  #broken = 0;
  #sizeBytes = 0;
  #minSide = Infinity;
  #maxSide = 0;
  readonly #problems: PhotoProblem[] = [];

  constructor(photos: number) {
    this.#photos = photos;
  }

  async look(folder: string, name: string): Promise<void> {
    try {
      const { bytes, stamp } = await readPhotoFile(join(folder, name), name);
      this.#sizeBytes += stamp.sizeBytes;
      const { width, height, isGray } = await decodePhoto(bytes, { name });
      this.#minSide = Math.min(this.#minSide, width, height);
      this.#maxSide = Math.max(this.#maxSide, width, height);
      if (!isGray) return;
      this.#gray++;
      this.addProblem(name, "GRAY", "has no colour");
    } catch (error) {
      if (!(error instanceof PhotoError)) throw error;
      this.#broken++;
      this.addProblem(name, "BROKEN", error.reason);
    }
  }

  addProblem(fileName: string, kind: "BROKEN" | "GRAY", reason: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const message = `${fileName} ${reason}`;
    this.#problems.push({ fileName, kind: `PHOTO_PROBLEM_KIND_${kind}`, message });
  }

  report() {
    return {
      photos: this.#photos,
      usablePhotos: this.#photos - this.#gray - this.#broken,
      grayPhotos: this.#gray,
      brokenPhotos: this.#broken,
      sizeBytes: this.#sizeBytes,
      minSide: this.#minSide === Infinity ? 0 : this.#minSide,
      maxSide: this.#maxSide,
      problems: this.#problems.sort((a, b) => (a.fileName ?? "") < (b.fileName ?? "") ? -1 : 1),
      scanTime: timestampOf(Date.now()),
    };
  }
}
