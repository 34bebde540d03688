import { useEffect, useState } from "preact/hooks";
import type { GivenFile } from "../parts/dropped_files.ts";
import { type BadFile, Upload } from "./upload.ts";

/** The uploads of this page, by their dataset; they go on while other pages are looked at. */
const uploads = new Map<string, Upload>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** Begins to upload files to a dataset. */
export function beginUpload(
  dataset: string,
  files: readonly GivenFile[],
  bad: readonly BadFile[],
): Upload {
  uploads.get(dataset)?.stop();
  const upload = new Upload(dataset, files, bad, tell);
  uploads.set(dataset, upload);
  void upload.run();
  return upload;
}

/** Stops an upload, if need be, and shows it no longer. */
export function forgetUpload(upload: Upload): void {
  if (upload.isActive) upload.stop();
  uploads.delete(upload.dataset);
  tell();
}

/** All uploads, and again with every change of one. */
export function useUploads(): readonly Upload[] {
  const [, setVersion] = useState(0);
  useEffect(() => {
    const listener = () => setVersion((version) => version + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return [...uploads.values()];
}
