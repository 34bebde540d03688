import { useRef } from "preact/hooks";
import { Progress } from "../../web_parts/parts/controls.tsx";
import { chosenFiles, type GivenFile } from "../../web_parts/parts/dropped_files.ts";
import { Icon } from "../../web_parts/parts/icon.tsx";

/** Where photos are given, and how far those are that were. */
export function GivePhotos({ onFiles, left, all, isStopped, onStop }: {
  onFiles: (files: readonly GivenFile[]) => void;
  /** Photos that are to be colorized yet. */
  left: number;
  all: number;
  isStopped: boolean;
  onStop: (isStopped: boolean) => void;
}) {
  return (
    <>
      <div class="drop">
        <Icon name="upload" />
        <b>Drop photos or a folder</b>
        <span class="soft">
          or paste, <FileLink text="browse" onFiles={onFiles} />,{" "}
          <FileLink text="a folder" isFolder onFiles={onFiles} />
        </span>
      </div>
      {left > 0 && (
        <div class="queue-state">
          <Progress share={1 - left / all} label="Photos done" />
          <span class="soft">{left} to go</span>
          <button type="button" class="link" onClick={() => onStop(!isStopped)}>
            {isStopped ? "Go on" : "Stop"}
          </button>
        </div>
      )}
    </>
  );
}

/** A word that opens the browser's choice of files. */
function FileLink({ text, isFolder = false, onFiles }: {
  text: string;
  isFolder?: boolean;
  onFiles: (files: readonly GivenFile[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="link" onClick={() => input.current?.click()}>{text}</button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={isFolder ? "A folder of photos" : "Photos"}
        {...(isFolder ? { webkitdirectory: true } : { accept: "image/*" })}
        onChange={({ currentTarget }) => {
          onFiles(chosenFiles(currentTarget.files));
          currentTarget.value = "";
        }}
      />
    </>
  );
}
