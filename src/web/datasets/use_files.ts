import { useEffect, useState } from "preact/hooks";
import { useAnswer } from "../../web_parts/live/use_answer.ts";

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
  const { value, refresh } = useAnswer<FilesPage>(
    hasMore && pages.length < wanted ? "DatasetService/ListDatasetFiles" : undefined,
    { dataset, pageSize: PAGE, pageToken },
  );
  useEffect(() => {
    if (value) setPages((before) => [...before, value]);
  }, [value]);
  return {
    names: pages.flatMap(({ files = [] }) => files.map(({ fileName }) => fileName)),
    /** Whether there are files past `names`. */
    hasMore,
    more: () => {
      setWanted(pages.length + 1);
      refresh(); // also where the server refused it before
    },
  };
}
