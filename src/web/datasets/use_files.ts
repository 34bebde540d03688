import { useEffect, useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";

/** Files that the server lists at a time. */
const PAGE = 1000;

interface FilesPage {
  readonly files?: readonly { readonly fileName: string }[];
  readonly nextPageToken?: string;
}

/** A dataset's files by name, a page after the other as they are asked for. */
export function useFiles(dataset: string) {
  const [pages, setPages] = useState<readonly FilesPage[]>([]);
  const [wanted, setWanted] = useState(1);
  const pageToken = pages.at(-1)?.nextPageToken ?? "";
  const hasMore = pages.length === 0 || pageToken !== "";
  useEffect(() => {
    if (!hasMore || pages.length >= wanted) return;
    const ending = new AbortController();
    const request = { dataset, pageSize: PAGE, pageToken };
    call<FilesPage>("DatasetService/ListDatasetFiles", request, ending.signal)
      .then((page) => setPages([...pages, page]), () => {}); // what GetDataset says is shown
    return () => ending.abort();
  }, [dataset, pages, wanted]);
  return {
    names: pages.flatMap(({ files = [] }) => files.map(({ fileName }) => fileName)),
    /** Whether there are files past `names`. */
    hasMore,
    more: () => setWanted(pages.length + 1),
  };
}
