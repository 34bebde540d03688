import { steeringCommand } from "./steer_job.ts";

export const command = steeringCommand(
  "CancelTrainingJobResponse",
  ({ jobs }, jobId, answer) => jobs.cancelTrainingJob({ jobId }, answer),
);
