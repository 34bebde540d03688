import type { Checked } from "../../web_parts/contract/messages.ts";
import { Note } from "../../web_parts/parts/controls.tsx";
import { bytes, counted, num, secondsOf, span, whole } from "../../web_parts/words.ts";

/** What is known before a job starts: its photos, and what a step takes. */
export function Preflight({ checked, measured, isStale, isMeasuring, canMeasure, onMeasure }: {
  checked: Checked | undefined;
  measured: Checked | undefined;
  /** Whether options changed since it was measured. */
  isStale: boolean;
  isMeasuring: boolean;
  canMeasure: boolean;
  onMeasure: () => void;
}) {
  const report = checked?.dataset;
  const resources = measured?.resources;
  const warnings = [...checked?.warnings ?? [], ...resources?.warnings ?? []];
  return (
    <section class="card" aria-labelledby="preflight">
      <header class="card-head">
        <h2 id="preflight">Preflight</h2>
        {isStale && <span class="soft">before this change</span>}
        <span class="spacer" />
        <button
          type="button"
          class="link"
          disabled={!canMeasure || isMeasuring}
          onClick={onMeasure}
        >
          {isMeasuring ? "Measuring…" : resources ? "Measure again" : "Measure time and memory"}
        </button>
      </header>
      <dl class={`facts ${isStale ? "stale" : ""}`}>
        {report && (
          <>
            <dt>Photos</dt>
            <dd>
              {counted(report.photos, "file")}, {bytes(report.sizeBytes)};{" "}
              <b>{whole(report.usablePhotos)} usable</b>
              {report.trainingPhotos !== undefined &&
                `: ${whole(report.trainingPhotos)} to train on`}
            </dd>
            <dt>Gray</dt>
            <dd>
              {num(report.grayPhotos) === 0 ? "none" : `${whole(report.grayPhotos)} left out`}
            </dd>
            <dt>Broken</dt>
            <dd>
              {num(report.brokenPhotos) === 0 ? "none" : `${whole(report.brokenPhotos)} left out`}
            </dd>
            <dt>Near-duplicates</dt>
            <dd>{num(report.duplicatePhotos) === 0 ? "none" : whole(report.duplicatePhotos)}</dd>
            {num(report.leakedPhotos) > 0 && (
              <>
                <dt>Across the split</dt>
                <dd>
                  {counted(report.leakedPhotos, "validation photo")}{" "}
                  has a near-duplicate among those trained on
                </dd>
              </>
            )}
            <dt>Too small</dt>
            <dd>
              {num(report.smallPhotos) === 0
                ? `none under ${report.smallSide ?? 0} pixels`
                : `${whole(report.smallPhotos)} under ${report.smallSide} pixels`}
            </dd>
          </>
        )}
        {resources && (
          <>
            <dt>A step</dt>
            <dd>
              <b>{span(secondsOf(resources.stepTime))}</b>, measured on {resources.device}
            </dd>
            <dt>Length</dt>
            <dd>
              {counted(resources.totalSteps, "step")}, about{" "}
              <b>{span(secondsOf(resources.totalTime))}</b>
            </dd>
            <dt>Memory</dt>
            <dd>
              <b>{bytes(resources.memoryBytes)}</b> at most; {bytes(resources.availableMemoryBytes)}
              {" "}
              free
            </dd>
            <dt>Disk</dt>
            <dd>
              up to {resources.checkpoints ?? 0} checkpoints of {bytes(resources.checkpointBytes)};
              {" "}
              {bytes(resources.freeDiskBytes)} free
            </dd>
          </>
        )}
      </dl>
      {warnings.length > 0 && (
        <div class="pad stack">
          {warnings.map((warning) => <Note key={warning} kind="warning">{warning}</Note>)}
        </div>
      )}
    </section>
  );
}
