import { steeringCommand } from "./steer_job.ts";

export const command = steeringCommand(
  "ResumeTrainingJobResponse",
  ({ jobs }, jobId, answer) => jobs.resumeTrainingJob({ jobId }, answer),
);
