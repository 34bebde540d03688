import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { smallPicture } from "../../web_parts/pictures/palette.ts";
import { hasDoubts, type Photo } from "./photos.ts";

/** The photos that were given, each with how far it is. */
export function PhotoList({ photos, current, slots, onChoose, onRemove }: {
  photos: readonly Photo[];
  current: number | undefined;
  /** How many models colorize. */
  slots: number;
  onChoose: (id: number) => void;
  onRemove: (photo: Photo) => void;
}) {
  return (
    <ul aria-label="Photos">
      {photos.map((photo) => {
        const word = wordOf(photo, slots);
        return (
          <li key={photo.id}>
            <button
              type="button"
              class="photo"
              aria-current={photo.id === current}
              onClick={() => onChoose(photo.id)}
            >
              <Thumb photo={photo} />
              <span>
                <b title={photo.name}>{photo.name}</b>
                <span class={`photo-state ${word}`}>{word}</span>
              </span>
            </button>
            <button
              type="button"
              class="quiet remove"
              aria-label={`Take ${photo.name} off the list`}
              onClick={() => onRemove(photo)}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** How far a photo is. @param slots how many models colorize. */
export function wordOf({ attempts }: Photo, slots: number): string {
  const used = attempts.slice(0, slots);
  const has = (state: string) => used.some((each) => each.state === state);
  if (has("failed")) return "failed";
  if (has("colorizing")) return "colorizing";
  if (has("waiting")) return "waiting";
  return used.some(hasDoubts) ? "doubts" : "done";
}

/** Ends when no small picture is being made. */
let line: Promise<unknown> = Promise.resolve();

/** A small picture of the newest result, or of the photo in gray: of 12 megapixels none is kept. */
function Thumb({ photo }: { photo: Photo }) {
  const [url, setUrl] = useState<string>();
  const result = photo.attempts[0].result;
  const blob = result?.blob ?? photo.file;
  useEffect(() => {
    let made: string | undefined;
    let isOver = false;
    const make = async () => {
      const canvas = await smallPicture(blob, 112);
      const small = await canvas.convertToBlob({ type: "image/webp", quality: 0.85 });
      if (isOver) return;
      made = URL.createObjectURL(small);
      setUrl(made);
    };
    // One at a time: each is decoded whole. A browser shows no TIFF.
    line = line.then(() => isOver ? undefined : make()).catch(() => {});
    return () => {
      isOver = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [blob]);
  return url
    ? <img src={url} class={result ? "" : "gray"} alt="" />
    : <span class="thumb-place" aria-hidden="true" />;
}
