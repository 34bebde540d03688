import type { RefObject } from "preact";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { bytes, counted } from "../../web_parts/words.ts";
import { wordOf } from "./photo_list.tsx";
import { type Photo, resultName } from "./photos.ts";

/** How far all photos are, how a result is seen, and what can be saved. */
export function PageHead({ photos, photo, titles, isSlide, onSlide, save }: {
  photos: readonly Photo[];
  /** The one that is looked at. */
  photo: Photo | undefined;
  /** Of the models. */
  titles: readonly string[];
  isSlide: boolean;
  onSlide: (isSlide: boolean) => void;
  /** Gets the link that saves this one's first result. */
  save: RefObject<HTMLAnchorElement | null>;
}) {
  const tell = useToast();
  const words = photos.map((each) => wordOf(each, titles.length));
  const count = (...wanted: string[]) => words.filter((word) => wanted.includes(word)).length;
  const facts = [
    counted(photos.length, "photo"),
    `${count("done", "doubts")} done`,
    ...count("doubts") > 0 ? [`${count("doubts")} with doubts`] : [],
    ...count("failed") > 0 ? [`${count("failed")} failed`] : [],
  ];
  const resultsOf = (each: Photo) =>
    titles.flatMap((title, slot) => {
      const result = each.attempts[slot]?.result;
      const name = result && resultName(each, result, titles.length > 1 ? title : "");
      return result && name ? [{ name, title, result, blob: result.blob }] : [];
    });
  const results = photos.flatMap(resultsOf);
  const saveAll = async () => {
    try {
      const { zipOf } = await import("./zip.ts");
      const href = URL.createObjectURL(await zipOf(results));
      Object.assign(document.createElement("a"), { href, download: "colorized.zip" }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), "error");
    }
  };
  return (
    <div class="page-head">
      <h1>Colorize</h1>
      <span class="soft" role="status">{photos.length > 0 && facts.join(", ")}</span>
      <span class="spacer" />
      <Segmented
        label="How the result is seen"
        value={isSlide ? "slide" : "whole"}
        choices={[{ value: "slide", text: "Slide" }, { value: "whole", text: "Side by side" }]}
        onChange={(value) => onSlide(value === "slide")}
      />
      {photo && resultsOf(photo).map(({ name, title, result }, index) => (
        <a
          key={title}
          ref={index === 0 ? save : null}
          class="button"
          href={result.url}
          download={name.replace(/^.*\//, "")}
        >
          <Icon name="download" /> {titles.length > 1 ? title : "This one"}{" "}
          {index === 0 && <kbd>s</kbd>}
        </a>
      ))}
      {results.length > 0 && (
        <button
          type="button"
          class="button primary"
          onClick={() => void saveAll()}
        >
          <Icon name="download" /> All as zip,{" "}
          {bytes(results.reduce((sum, { blob }) => sum + blob.size, 0))}
        </button>
      )}
    </div>
  );
}
