import { useEffect, useState } from "preact/hooks";
import { call, CallError } from "../../web_parts/contract/calls.ts";
import type { Checkpoint, Job, Model } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import type { JobLive } from "../../web_parts/live/job_live.ts";
import { Card } from "../../web_parts/parts/controls.tsx";
import { Dialog } from "../../web_parts/parts/dialog.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { bytes, clock, fixed, num, whole } from "../../web_parts/words.ts";

/** The checkpoints that are there, and what can be done with each. */
export function CheckpointsCard({ job, live }: { job: Job; live: JobLive }) {
  const [promoted, setPromoted] = useState<number>();
  const { value, refresh } = useAnswer<{ checkpoints?: readonly Checkpoint[] }>(
    live.checkpoints.length > 0 ? "TrainingJobService/ListCheckpoints" : undefined,
    { jobId: job.jobId, pageSize: 200 },
    live.isOver ? 0 : 30_000,
  );
  useEffect(refresh, [live.checkpoints.length]);
  const checkpoints = value?.checkpoints ?? [];
  if (checkpoints.length === 0) return null;
  const keeps = num(job.config?.["keepCheckpoints"] as number | undefined);
  return (
    <Card
      title="Checkpoints"
      aside={<span class="soft">{keeps} newest and the best are kept</span>}
    >
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Table of checkpoints">
        <table class="compact">
          <thead>
            <tr>
              <th class="number">Step</th>
              <th class="number">PSNR dB</th>
              <th class="number">ΔE</th>
              <th class="number">Size</th>
              <th class="number">Time</th>
            </tr>
          </thead>
          <tbody>
            {checkpoints.map((each) => [
              <tr key={num(each.step)}>
                <td class="number">
                  {each.best && (
                    <span class="best">
                      ★ <span class="unseen">best</span>
                    </span>
                  )}
                  {whole(each.step)}
                </td>
                <td class="number">{fixed(each.validation?.psnrDb, 2)}</td>
                <td class="number">{fixed(each.validation?.deltaE2000, 2)}</td>
                <td class="number">{bytes(each.sizeBytes)}</td>
                <td class="number">{clock(each.createTime)}</td>
              </tr>,
              <tr key={`${each.step} actions`} class="row-actions">
                <td class="actions" colSpan={5}>
                  <button type="button" class="link" onClick={() => setPromoted(num(each.step))}>
                    Promote
                  </button>
                  <a href={`/checkpoints/${job.jobId}/${num(each.step)}`} download>Download</a>
                  <a href={`#/new?from=${job.jobId}&start=${num(each.step)}`}>Start from</a>
                  {live.isOver && (
                    <a href={`#/new?from=${job.jobId}&resume=${num(each.step)}`}>Resume from</a>
                  )}
                </td>
              </tr>,
            ])}
          </tbody>
        </table>
      </div>
      {promoted !== undefined && (
        <PromoteDialog
          job={job}
          step={promoted}
          onClose={() => setPromoted(undefined)}
        />
      )}
    </Card>
  );
}

function PromoteDialog({ job, step, onClose }: {
  job: Job;
  step: number;
  onClose: () => void;
}) {
  const [problem, setProblem] = useState("");
  const toast = useToast();
  const promote = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      const { model } = await call<{ model: Model }>("ModelService/PromoteCheckpoint", {
        checkpoint: { jobId: job.jobId, step },
        name: data.get("name"),
        description: data.get("description"),
      });
      toast(`${model.name} version ${model.version} is step ${whole(step)}.`);
      onClose();
    } catch (error) {
      setProblem(error instanceof CallError ? error.message : String(error));
    }
  };
  return (
    <Dialog title={`Promote step ${whole(step)}`} onClose={onClose}>
      <p>The checkpoint is copied: it does not change, and outlives its job.</p>
      <form onSubmit={(event) => void promote(event)}>
        <label class="field">
          Name of the model
          <input
            name="name"
            required
            data-focus
            maxLength={64}
            aria-invalid={problem !== ""}
            aria-describedby="promote-problem"
          />
        </label>
        <label class="field">
          Description
          <input name="description" maxLength={1000} />
        </label>
        <p id="promote-problem" class="problem" role="alert">{problem}</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>Not now</button>
          <span class="spacer" />
          <button type="submit" class="button primary">Promote</button>
        </div>
      </form>
    </Dialog>
  );
}
