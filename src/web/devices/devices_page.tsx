import type { Capabilities, Job } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Card, Note } from "../../web_parts/parts/controls.tsx";
import { optionWord } from "../../web_parts/option_words.ts";
import { bytes, counted, num, whole } from "../../web_parts/words.ts";

const QUEUED = "JOB_STATE_QUEUED";

/** What trains, and who waits for it. */
export function DevicesPage() {
  const { value, error } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities", {}, 3000);
  const { value: going } = useAnswer<{ jobs?: readonly Job[] }>(
    "TrainingJobService/ListTrainingJobs",
    {
      states: [QUEUED, "JOB_STATE_RUNNING", "JOB_STATE_PAUSING", "JOB_STATE_CANCELLING"],
      pageSize: 1000,
    },
    3000,
  );
  const jobs = going?.jobs ?? [];
  const queue = jobs.filter(({ state }) => state === QUEUED).toSorted((a, b) =>
    num(a.queuePosition) - num(b.queuePosition)
  );
  const nameOf = (id: string) => jobs.find(({ jobId }) => jobId === id)?.displayName || id;
  return (
    <>
      <div class="page-head">
        <h1>Devices</h1>
        {value && (
          <span class="soft">
            Tinct {value.version}, TensorFlow {value.tensorflowVersion || "not found"}
          </span>
        )}
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      <div class="tiles">
        {(value?.devices ?? []).map((device) => (
          <Card key={device.name} title={device.name} className="tile">
            <dl class="facts">
              <dt>Kind</dt>
              <dd>{device.kind === "DEVICE_KIND_GPU" ? "GPU" : "CPU"} {device.description}</dd>
              <dt>Memory</dt>
              <dd>{num(device.memoryBytes) === 0 ? "not known" : bytes(device.memoryBytes)}</dd>
              <dt>Precisions</dt>
              <dd>{(device.precisions ?? []).map(optionWord).join(", ")}</dd>
              <dt>Trains</dt>
              <dd>
                {device.jobId
                  ? <a href={`#/jobs/${device.jobId}`}>{nameOf(device.jobId)}</a>
                  : "nothing now"}
                {num(device.replicas) > 1 && `, ${counted(device.replicas, "replica")}`}
              </dd>
            </dl>
          </Card>
        ))}
        <Card
          title="Queue"
          aside={<span class="soft">{counted(queue.length, "job")}</span>}
          className="tile"
        >
          {queue.length === 0 ? <p class="pad soft">Nothing waits.</p> : (
            <ol class="queue">
              {queue.map(({ jobId, displayName, queuePosition }) => (
                <li key={jobId}>
                  <b>{whole(queuePosition)}</b>{" "}
                  <a href={`#/jobs/${jobId}`}>{displayName || jobId}</a>
                </li>
              ))}
            </ol>
          )}
        </Card>
      </div>
    </>
  );
}
