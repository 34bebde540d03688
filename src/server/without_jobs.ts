import type { AnyMethod, ServedService } from "../calls/methods.ts";
import { TinctError } from "../errors.ts";

/** The calls that bring jobs, or what only jobs use. */
const bringJobs: ReadonlySet<string> = new Set([
  "tinct.v1.ColorizationService/Train",
  "tinct.v1.TrainingJobService/ResumeTrainingJob",
  "tinct.v1.SweepService/CreateSweep",
  "tinct.v1.DatasetService/UploadDataset",
  "tinct.v1.DatasetService/UploadPieces",
  "tinct.v1.WeightsService/UploadWeights",
]);

/** The services of a server that runs no jobs and has no others that do: calls for jobs are refused. */
export function withoutJobs(services: readonly ServedService[]): readonly ServedService[] {
  return services.map((service) => ({
    ...service,
    methods: Object.fromEntries(
      Object.entries(service.methods).map(([name, method]) => [
        name,
        bringJobs.has(`${service.name}/${name}`) ? refused(method) : method,
      ]),
    ),
  }));
}

/** What refuses a call for the reason that this server runs no jobs. */
function jobsAreOff(): TinctError {
  const message = "This server runs no jobs (--jobs off): ask a server that trains.";
  return new TinctError("failed_precondition", message, { kind: "JOBS_OFF" });
}

/** A method that refuses whatever it is asked, before it looks at the request. */
function refused(method: AnyMethod): AnyMethod {
  const refuse = () => Promise.reject(jobsAreOff());
  switch (method.kind) {
    case "unary":
      return { ...method, handle: refuse, findMore: "answer" };
    case "clientStream":
      return { ...method, handle: refuse };
    default:
      throw new TypeError(`A method that is ${method.kind} brings no jobs.`);
  }
}
