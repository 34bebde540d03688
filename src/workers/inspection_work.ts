import { Buffer } from "node:buffer";
import { trainingOptions } from "../config/training.ts";
import { copiesIn, findOddities } from "../prepared/photo_findings.ts";
import { type PhotoSurvey, surveyPhotos } from "../prepared/survey_photos.ts";
import { type Split, splitSet, TrainedCount } from "../prepared/split_set.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { PhotoProblem } from "../protocol/generated/tinct/v1/photo_problem.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import { photoLimitsOf } from "../protocol/photo_limits.ts";
import { timestampOf } from "../protocol/times.ts";
import type { Work } from "./server_link.ts";

/** The most problems that a report names. */
const MAX_PROBLEMS = 1000;

/** The most groups of near-duplicates that a report has, and the most names of each. */
const MAX_GROUPS = 100, MAX_NAMES = 10;

/** The most bytes of names and sentences in either list: a message to the server takes 1 MiB. */
const MAX_LIST_BYTES = 384 * 1024;

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
  const { datasetFolder, seed, validationFraction, untilTrained } = inspection;
  const size = inspection.size || trainingOptions.size.default;
  try {
    const { signal } = stop;
    const fractions = validationFraction === undefined ? undefined : { seed, validationFraction };
    const trained = new TrainedCount(fractions ?? { seed: 0, validationFraction: 0 });
    const survey = await surveyPhotos(datasetFolder, {
      size,
      concurrency: CONCURRENCY,
      limits: photoLimitsOf(inspection.photoLimits),
      stayWithin: true,
      shownAs: "the dataset",
      isEnough: untilTrained > 0 ? (id) => trained.add(id) >= untilTrained : undefined,
      signal,
    });
    const split = fractions && splitSet(survey.usable.ids, fractions);
    send({ report: reportOf(survey, size, split) });
    return { outcome: "OUTCOME_SUCCEEDED" };
  } catch (error) {
    if (stop.signal.aborted) return { outcome: "OUTCOME_STOPPED" };
    throw error;
  }
}

function reportOf(survey: PhotoSurvey, size: number, split: Split | undefined): DatasetReport {
  const { listed, sizeBytes, unreadable, others, gray, minSide, maxSide, usable } = survey;
  const { duplicates, leaked, small, sides } = findOddities(usable, { size, split });
  return {
    photos: listed,
    usablePhotos: usable.names.length,
    grayPhotos: gray.length,
    // Folders that cannot be listed are problems, too, but no photos.
    brokenPhotos: listed - usable.names.length - gray.length,
    sizeBytes,
    minSide,
    maxSide,
    otherFormats: Object.fromEntries(others),
    problems: upTo(
      MAX_LIST_BYTES,
      [
        ...unreadable.map(({ name, reason }) => problem(name, "BROKEN", reason)),
        ...gray.map((name) => problem(name, "GRAY", "has no colour")),
      ].sort((a, b) => (a.fileName ?? "") < (b.fileName ?? "") ? -1 : 1).slice(0, MAX_PROBLEMS),
    ),
    scanTime: timestampOf(Date.now()),
    sides: sides.map(({ from, photos }) => ({ fromSide: from, photos })),
    smallPhotos: small.length,
    smallSide: size,
    duplicatePhotos: copiesIn(duplicates),
    duplicates: upTo(
      MAX_LIST_BYTES,
      duplicates.slice(0, MAX_GROUPS).map((names) => ({
        fileNames: names.slice(0, MAX_NAMES),
        photos: names.length,
      })),
    ),
    ...(leaked !== undefined && { leakedPhotos: leaked }),
    ...(split !== undefined && { trainingPhotos: split.train.length }),
  };
}

function problem(fileName: string, kind: "BROKEN" | "GRAY", reason: string): PhotoProblem {
  return { fileName, kind: `PHOTO_PROBLEM_KIND_${kind}`, message: `${fileName} ${reason}` };
}

/** The first entries of a list that together take no more bytes, as JSON. */
function upTo<T>(maxBytes: number, entries: readonly T[]): T[] {
  let bytes = 0;
  const tooMany = entries.findIndex((entry) =>
    (bytes += Buffer.byteLength(JSON.stringify(entry))) > maxBytes
  );
  return tooMany < 0 ? [...entries] : entries.slice(0, tooMany);
}
