import { steeringCommand } from "./steer_job.ts";

export const command = steeringCommand(
  "PauseTrainingJobResponse",
  ({ jobs }, jobId, answer) => jobs.pauseTrainingJob({ jobId }, answer),
);
