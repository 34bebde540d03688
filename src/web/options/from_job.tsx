import type { Job } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";

/** Takes the options of another job. */
export function FromJob({ from }: { from: string | undefined }) {
  const { value } = useAnswer<{ jobs?: readonly Job[] }>(
    "TrainingJobService/ListTrainingJobs",
    { pageSize: 200 },
  );
  return (
    <label class="recipe card">
      <b>From a job…</b>
      <select
        value={from ?? ""}
        onChange={({ currentTarget: { value } }) => {
          location.hash = value === "" ? "#/new" : `#/new?from=${value}`;
        }}
      >
        <option value="">its configuration, what you change</option>
        {value?.jobs?.map(({ jobId, displayName }) => (
          <option key={jobId} value={jobId}>{displayName || jobId}</option>
        ))}
      </select>
    </label>
  );
}
