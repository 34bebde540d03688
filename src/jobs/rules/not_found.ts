import { TinctError } from "../../errors.ts";

/** The refusal of a job that is not there: not_found. */
export function noJob(jobId: string): TinctError {
  return new TinctError("not_found", `There is no job ${jobId}; it may have been deleted.`);
}

/** The refusal of a sweep that is not there: not_found. */
export function noSweep(sweepId: string): TinctError {
  return new TinctError("not_found", `There is no sweep ${sweepId}; it may have been deleted.`);
}

/** The refusal of a dataset that is not there: not_found. */
export function noDataset(name: string): TinctError {
  return new TinctError("not_found", `There is no dataset ${name}; see the list of datasets.`);
}

/** The refusal of a model that is not there, or of a version of it: not_found. */
export function noModel(name: string, version: number | undefined): TinctError {
  const wanted = version === undefined ? name : `${name}, version ${version}`;
  return new TinctError("not_found", `There is no model ${wanted}; see the list of models.`);
}
