import { useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";
import type { Dataset } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { Question } from "../../web_parts/parts/dialog.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { UploadZone } from "./upload_zone.tsx";
import { bytes, counted, fullTime, moment, whole } from "../../web_parts/words.ts";

/** All datasets, and what is odd about their photos. */
export function DatasetsPage() {
  const [goOn, setGoOn] = useState("");
  const { value, error, refresh } = useAnswer<{ datasets?: readonly Dataset[] }>(
    "DatasetService/ListDatasets",
    { pageSize: 1000 },
    5000,
  );
  const [doomed, setDoomed] = useState<string>();
  const toast = useToast();
  const remove = (dataset: string) =>
    void call("DatasetService/DeleteDataset", { dataset }).then(
      () => {
        toast(`${dataset} is deleted.`);
        refresh();
      },
      ({ message }) => toast(message, "error"),
    );
  const datasets = value?.datasets ?? [];
  return (
    <>
      <div class="page-head">
        <h1>Datasets</h1>
        <span class="soft">{whole(datasets.length)} on the server</span>
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      <div class="card pad uploads-card">
        <UploadZone key={goOn} dataset={goOn} onDone={refresh} />
        <p class="soft">
          Or put a folder of photos into the server's folder of photos, or run{" "}
          <code>deno task tinct upload PHOTOS</code>.
        </p>
      </div>
      {value && datasets.length === 0 && (
        <Empty title="No datasets yet">
          <p>Training needs photos in colour: upload a folder of them.</p>
        </Empty>
      )}
      <div class="tiles">
        {datasets.map((dataset) => (
          <DatasetTile
            key={dataset.name}
            dataset={dataset}
            onGoOn={() => {
              setGoOn(dataset.name);
              scrollTo(0, 0);
            }}
            onDelete={() => setDoomed(dataset.name)}
          />
        ))}
      </div>
      {doomed !== undefined && (
        <Question
          title={`Delete “${doomed}”?`}
          keep="Keep it"
          act="Delete the dataset"
          onAct={() => remove(doomed)}
          onClose={() => setDoomed(undefined)}
        >
          <p>Its photos go from the server for good. Jobs that have prepared them keep theirs.</p>
        </Question>
      )}
    </>
  );
}

function DatasetTile({ dataset, onGoOn, onDelete }: {
  dataset: Dataset;
  onGoOn: () => void;
  onDelete: () => void;
}) {
  const isReady = dataset.state === "DATASET_STATE_READY";
  const isUploaded = dataset.source === "DATASET_SOURCE_UPLOAD";
  return (
    <section class="card tile" aria-label={dataset.name}>
      <header class="card-head">
        <h2>{dataset.name}</h2>
        <span class="tag">{isUploaded ? "uploaded" : "folder"}</span>
        {!isReady && <span class="soft">not complete</span>}
      </header>
      <dl class="facts">
        <dt>Photos</dt>
        <dd>{counted(dataset.photos, "file")}, {bytes(dataset.sizeBytes)}</dd>
        {dataset.updateTime !== undefined && (
          <>
            <dt>Changed</dt>
            <dd title={fullTime(dataset.updateTime)}>{moment(dataset.updateTime)}</dd>
          </>
        )}
      </dl>
      <div class="pad actions">
        {isReady && (
          <a class="button small" href={`#/datasets/${encodeURIComponent(dataset.name)}`}>
            Photos, and what is odd
          </a>
        )}
        {isReady
          ? (
            <a class="button small" href={`#/new?dataset=${encodeURIComponent(dataset.name)}`}>
              Train on it
            </a>
          )
          : <button type="button" class="button small" onClick={onGoOn}>Go on uploading</button>}
        {isUploaded && (
          <button type="button" class="button small danger" onClick={onDelete}>Delete…</button>
        )}
      </div>
    </section>
  );
}
