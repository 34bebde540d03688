import { useEffect, useState } from "preact/hooks";
import type { Capabilities } from "../../web_parts/contract/messages.ts";
import { type BadFile, type Sorted, sortFiles, type Upload } from "../../web_parts/live/upload.ts";
import { beginUpload, forgetUpload, useUploads } from "../../web_parts/live/uploads.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Note, Progress } from "../../web_parts/parts/controls.tsx";
import {
  chosenFiles,
  droppedFiles,
  folderOf,
  type GivenFile,
} from "../../web_parts/parts/dropped_files.ts";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { bytes, counted, num, span, whole } from "../../web_parts/words.ts";

/** What the contract says of names. */
const nameRule = "1 to 64 letters, digits, “.”, “_” or “-”, beginning with a letter or digit";
const NAME = /^[A-Za-z0-9](?:[\w.-]{0,62}[\w-])?$/;

/** Takes photos, sends them to the server, and shows how far they are. @param onDone has the dataset. */
export function UploadZone({ onDone, onUse = openForm, dataset = "" }: {
  onDone: (dataset: string) => void;
  /** Has a job begin with it; opens the form for one when left out. */
  onUse?: (dataset: string) => void;
  /** The dataset that photos are for; a name is asked for where there is none. */
  dataset?: string;
}) {
  const uploads = useUploads();
  const { value } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const maxBytes = num(value?.limits?.["maxPhotoBytes"]) || 64 * 2 ** 20;
  const [given, setGiven] = useState<Sorted>();
  const [name, setName] = useState(dataset);
  const [problem, setProblem] = useState("");
  const [begun, setBegun] = useState<Upload>();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (begun?.state === "done") {
      setBegun(undefined);
      onDone(begun.dataset);
    }
    // A name that the server does not take is at fault in its field, with the files still there.
    const isName = begun?.error?.code === "already_exists" ||
      begun?.error?.violations.some(({ field }) => field === "dataset");
    if (begun?.state !== "failed" || !isName) return;
    setProblem(begun.error?.message ?? "");
    setGiven({ files: begun.files, bad: begun.bad });
    setBegun(undefined);
    forgetUpload(begun);
  });
  const take = (files: readonly GivenFile[], folder: string) => {
    const before = given?.files ?? [];
    const sorted = sortFiles([...before, ...files], maxBytes);
    setGiven({ files: sorted.files, bad: [...given?.bad ?? [], ...sorted.bad] });
    if (name === "") setName(suggestion(folder));
  };
  const clear = () => {
    setGiven(undefined);
    setName(dataset);
    setProblem("");
  };
  const start = () => {
    if (!NAME.test(name)) return setProblem(`The name must be ${nameRule}.`);
    if (!given || given.files.length === 0) return;
    setBegun(beginUpload(name, given.files, given.bad));
    clear();
  };
  const total = given?.files.reduce((sum, { file }) => sum + file.size, 0) ?? 0;
  return (
    <div class="upload">
      {uploads.map((upload) => <UploadRow key={upload.dataset} upload={upload} onUse={onUse} />)}
      <div
        class={`drop ${isOver ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const folder = folderOf(event.dataTransfer);
          void droppedFiles(event.dataTransfer).then(
            (files) => take(files, folder),
            (error) => setProblem(`What was dropped cannot be read: ${error.message}.`),
          );
        }}
      >
        <Icon name="upload" />
        <b>{given ? "Drop more photos here" : "Drop photos or a folder here"}</b>
        <div class="actions">
          <Chooser text="Choose photos" onFiles={take} />
          <Chooser text="Choose a folder" isFolder onFiles={take} />
        </div>
      </div>
      {given && (
        <div class="upload-form">
          <label class="field">
            {dataset === "" ? "Name of the new dataset" : "Name of the dataset"}
            <input
              value={name}
              maxLength={64}
              readOnly={dataset !== ""}
              aria-invalid={problem !== ""}
              aria-describedby="upload-problem"
              onInput={({ currentTarget }) => {
                setName(currentTarget.value);
                setProblem("");
              }}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault(); // the form around it starts a job
                start();
              }}
            />
          </label>
          <button
            type="button"
            class="button primary"
            disabled={given.files.length === 0}
            onClick={start}
          >
            Upload {counted(given.files.length, "photo")}, {bytes(total)}
          </button>
          <button type="button" class="button" onClick={clear}>Clear</button>
        </div>
      )}
      <p id="upload-problem" class="problem" role="alert">{problem}</p>
      {given && <BadFiles files={given.bad} what="left out" />}
    </div>
  );
}

function Chooser({ text, isFolder = false, onFiles }: {
  text: string;
  isFolder?: boolean;
  onFiles: (files: readonly GivenFile[], folder: string) => void;
}) {
  return (
    <label class="button small chooser">
      {text}
      <input
        class="unseen"
        type="file"
        multiple
        {...(isFolder
          ? { webkitdirectory: true }
          : { accept: "image/*,.jpg,.jpeg,.png,.webp,.tif,.tiff,.gif,.avif" })}
        onChange={({ currentTarget }) => {
          onFiles(chosenFiles(currentTarget.files), folderOf(currentTarget.files));
          currentTarget.value = ""; // the same ones may be chosen again
        }}
      />
    </label>
  );
}

/** An upload: how far, how fast, what is at fault. */
function UploadRow({ upload, onUse }: { upload: Upload; onUse: (dataset: string) => void }) {
  const { dataset, state, files, bad, doneFiles, doneBytes, totalBytes, rate, report } = upload;
  const left = rate ? (totalBytes - doneBytes) / rate : undefined;
  const problems = [
    ...bad,
    ...(report?.problems ?? []).map(({ fileName, message }) => ({ name: fileName, message })),
  ];
  const far = `${whole(doneFiles)} of ${counted(files.length, "photo")} · ${bytes(doneBytes)} of ${
    bytes(totalBytes)
  }`;
  const found = num(upload.foundFiles);
  return (
    <section class="upload-row" aria-label={`Upload of ${dataset}`}>
      <header>
        <Icon name={state === "done" ? "check" : state === "failed" ? "warning" : "upload"} />
        <b>{dataset}</b>
        <span class="upload-state" role="status">{stateWords[state]}</span>
        <span class="spacer" />
        {upload.isActive && (
          <button type="button" class="link" onClick={() => upload.stop()}>Pause</button>
        )}
        {(state === "stopped" || state === "failed") && (
          <button
            type="button"
            class="link"
            onClick={() => void upload.run()}
          >
            Go on
          </button>
        )}
        {state === "done" && (
          <button type="button" class="link" onClick={() => onUse(dataset)}>Train on it</button>
        )}
        <button
          type="button"
          class="quiet"
          aria-label={upload.isActive ? `Cancel the upload of ${dataset}` : "Close"}
          onClick={() => forgetUpload(upload)}
        >
          <Icon name="close" />
        </button>
      </header>
      <Progress
        share={state === "done" ? 1 : doneBytes / Math.max(1, totalBytes)}
        state={state === "done" ? "succeeded" : state === "failed" ? "failed" : "running"}
        label={`Upload of ${dataset}`}
      />
      <p class="soft">
        {state === "done" && report
          ? `${counted(report.photos, "file")}, ${bytes(report.sizeBytes)}: ${
            whole(report.usablePhotos)
          } usable`
          : far}
        {state === "sending" && rate !== undefined &&
          ` · ${bytes(Math.round(rate))}/s · ${span(left)} left`}
        {found > 0 && state !== "done" && ` · ${whole(found)} were there before`}
      </p>
      {upload.error && <Note kind="error">{upload.error.message}</Note>}
      {state !== "done" && (
        <p class="soft">
          What has arrived stays. After a lost connection it goes on by itself; after the page is
          closed, choose the same photos and name again.
        </p>
      )}
      <BadFiles files={problems} what="left out" />
    </section>
  );
}

function openForm(dataset: string): void {
  location.hash = `#/new?dataset=${encodeURIComponent(dataset)}`;
}

function BadFiles({ files, what }: { files: readonly BadFile[]; what: string }) {
  if (files.length === 0) return null;
  return (
    <details class="bad-files" open={files.length <= 5}>
      <summary>{counted(files.length, "file")} {what}</summary>
      <ul>
        {files.slice(0, 200).map(({ name, message }) => (
          <li key={name}>
            <b>{name}</b> {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

const stateWords: Readonly<Record<Upload["state"], string>> = {
  sending: "uploading",
  waiting: "waits for the server",
  stopped: "paused",
  finishing: "looking at every photo",
  done: "complete",
  failed: "stopped",
};

/** A name for a dataset: the folder's, or the day's. */
function suggestion(folder: string): string {
  const fitting = folder.replace(/[^\w.-]+/g, "-").replace(/^[^A-Za-z0-9]+|[.-]+$/g, "");
  return fitting.slice(0, 60) || `photos-${new Date().toISOString().slice(0, 10)}`;
}
