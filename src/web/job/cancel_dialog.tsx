import type { Job } from "../../web_parts/contract/messages.ts";
import { Dialog } from "../../web_parts/parts/dialog.tsx";
import { counted, num, whole } from "../../web_parts/words.ts";

/** Asks before a job ends for good. */
export function CancelDialog({ job, checkpoints, canPause, onClose, onPause, onCancel }: {
  job: Job;
  checkpoints: number;
  canPause: boolean;
  onClose: () => void;
  onPause: () => void;
  onCancel: () => void;
}) {
  const step = num(job.progress?.step);
  return (
    <Dialog title={`Cancel “${job.displayName || job.jobId}”?`} onClose={onClose}>
      <p>
        It ends for good at step {whole(step)} and cannot be resumed.{" "}
        {checkpoints > 0 ? `Its ${counted(checkpoints, "checkpoint")} and its curves stay.` : ""}
        {" "}
        {canPause && (
          <>
            <b>Pause</b> keeps the door open.
          </>
        )}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" data-focus onClick={onClose}>Keep training</button>
        {canPause && (
          <button
            type="button"
            class="button"
            onClick={() => {
              onPause();
              onClose();
            }}
          >
            Pause instead
          </button>
        )}
        <span class="spacer" />
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onCancel();
            onClose();
          }}
        >
          Cancel the job
        </button>
      </div>
    </Dialog>
  );
}
