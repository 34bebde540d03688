import { useEffect, useRef, useState } from "preact/hooks";
import type {
  Capabilities,
  Job,
  Model,
  ModelReference,
} from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Note, Toggle } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import { counted, figure, fixed, num, secondsOf, span, whole } from "../../web_parts/words.ts";
import { BeforeAfter } from "./before_after.tsx";
import { ColorDisc } from "./color_disc.tsx";
import { lightnessOf, rgbOf } from "./lab.ts";
import { colorize, type Photo, photoOf, type Wish, wishText } from "./photos.ts";

/** Something to colorize with. */
interface Choice {
  readonly key: string;
  readonly words: string;
  readonly reference: ModelReference;
}

/** Photos in, photos in colour out. */
export function ColorizePage() {
  const { query } = useRoute();
  const known = useChoices(query.get("job") ?? undefined);
  const choices = known ?? [];
  const [photos, setPhotos] = useState<readonly Photo[]>([]);
  const [current, setCurrent] = useState<number>();
  const [saturation, setSaturation] = useState(1);
  const [removeCast, setRemoveCast] = useState(false);
  const [refine, setRefine] = useState(false);
  const [isHinting, setHinting] = useState(false);
  const [hintAt, setHintAt] = useState(-1);
  const wanted = query.get("model") ?? query.get("job") ?? choices[0]?.key ?? "";
  const choice = choices.find(({ key }) => key === wanted) ?? choices[0];
  const { value } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const maxBytes = Math.floor((num(value?.limits?.["maxReceiveBytes"]) || 16 * 2 ** 20) * 0.7);
  const change = (id: number, news: Partial<Photo>) =>
    setPhotos((before) => before.map((each) => each.id === id ? { ...each, ...news } : each));
  const wish: Wish | undefined = choice &&
    { model: choice.reference, saturation, removeCast, refine };
  useColors(photos, wish, maxBytes, change);
  const add = (files: Iterable<File>) => {
    const added = [...files].filter(({ type, name }) =>
      type.startsWith("image/") || /\.(?:jpe?g|png|webp|tiff?|gif|avif)$/i.test(name)
    ).map(photoOf);
    if (added.length === 0) return;
    setPhotos((before) => [...before, ...added]);
    setCurrent((before) => before ?? added[0]?.id);
  };
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => add(clipboardData?.files ?? []);
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);
  const photo = photos.find(({ id }) => id === current);
  const hint = photo?.hints[hintAt];
  const move = (by: number) => {
    const at = photos.findIndex(({ id }) => id === current);
    setCurrent(photos[Math.max(0, Math.min(photos.length - 1, at + by))]?.id);
    setHintAt(-1);
  };
  const save = useRef<HTMLAnchorElement>(null);
  useKeys({
    h: () => setHinting((before) => !before),
    s: () => save.current?.click(),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  });
  const done = photos.filter(({ state }) => state === "done").length;
  const placeHint = (x: number, y: number, picture: HTMLImageElement) => {
    if (!photo) return;
    const { naturalWidth, naturalHeight } = picture;
    const place = {
      x: Math.min(naturalWidth - 1, Math.floor(x * naturalWidth)),
      y: Math.min(naturalHeight - 1, Math.floor(y * naturalHeight)),
    };
    const L = lightnessAt(picture, place.x, place.y);
    change(photo.id, { hints: [...photo.hints, { ...place, L, a: 0, b: 0 }] });
    setHintAt(photo.hints.length);
  };
  return (
    <div
      class="colorize-page"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        add(event.dataTransfer?.files ?? []);
      }}
    >
      <div class="page-head">
        <h1>Colorize</h1>
        <span class="soft">
          {photos.length === 0 ? "" : `${counted(photos.length, "photo")}, ${done} done`}
        </span>
        <span class="spacer" />
        {photo?.result && (
          <a
            ref={save}
            class="button primary"
            href={photo.result.url}
            download={resultName(photo)}
          >
            <Icon name="download" /> Save this one <kbd>s</kbd>
          </a>
        )}
      </div>
      {known?.length === 0 && (
        <Note kind="warning">
          There is no model and no checkpoint yet. <a href="#/new">Train one first.</a>
        </Note>
      )}
      <div class="colorize-columns">
        <div class="card photos">
          <label class="drop">
            <Icon name="upload" />
            <span>Drop photos</span>
            <span class="soft">or paste, or browse</span>
            <input
              type="file"
              class="unseen"
              multiple
              accept="image/*"
              onChange={({ currentTarget }) => {
                add(currentTarget.files ?? []);
                currentTarget.value = "";
              }}
            />
          </label>
          <ul>
            {photos.map((each) => (
              <li key={each.id}>
                <button
                  type="button"
                  aria-current={each.id === current}
                  onClick={() => {
                    setCurrent(each.id);
                    setHintAt(-1);
                  }}
                >
                  <img
                    src={each.result?.url ?? each.url}
                    class={each.result ? "" : "gray"}
                    alt=""
                  />
                  <span>
                    <b>{each.name}</b>
                    <span class={`photo-state ${stateOf(each)}`}>{stateOf(each)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
        <div class="card stage-card">
          {photo
            ? (
              <>
                <div class="stage-tools">
                  <Toggle
                    label="Hint: click gives a colour (h)"
                    checked={isHinting}
                    onChange={setHinting}
                  />
                  {photo.hints.length > 0 && (
                    <>
                      <span class="soft">{counted(photo.hints.length, "hint")}</span>
                      <button
                        type="button"
                        class="link"
                        onClick={() => {
                          change(photo.id, { hints: photo.hints.slice(0, -1) });
                          setHintAt(-1);
                        }}
                      >
                        Undo
                      </button>
                    </>
                  )}
                </div>
                <BeforeAfter
                  before={photo.url}
                  after={photo.result?.url}
                  name={photo.name}
                  isHinting={isHinting}
                  onHint={placeHint}
                  hints={photo.hints.map((each) => ({ ...each, color: hexOf(each) }))}
                />
                <Cost photo={photo} />
              </>
            )
            : (
              <div class="pad empty-stage">
                <p>Drop a photo anywhere on this page.</p>
                <p class="soft">It keeps its resolution and its lightness; only colour is added.</p>
              </div>
            )}
        </div>
        <aside class="card pad stack settings">
          <label class="field">
            Model
            <select
              value={choice?.key ?? ""}
              onChange={({ currentTarget }) =>
                setQuery({ model: currentTarget.value, job: undefined })}
            >
              {choices.map(({ key, words }) => <option key={key} value={key}>{words}</option>)}
            </select>
          </label>
          <label class="field">
            <span>
              Saturation <output>{fixed(saturation, 2)}</output>
            </span>
            <input
              type="range"
              min="0"
              max="4"
              step="0.05"
              value={saturation}
              onInput={({ currentTarget }) => setSaturation(Number(currentTarget.value))}
            />
          </label>
          <Toggle label="take off a cast" checked={removeCast} onChange={setRemoveCast} />
          <Toggle label="smooth blots" checked={refine} onChange={setRefine} />
          {hint && photo && (
            <section aria-label="Hint colour">
              <h2>
                Hint colour <span class="soft">at L {Math.round(hint.L)}</span>
              </h2>
              <ColorDisc
                L={hint.L}
                a={hint.a}
                b={hint.b}
                onChoose={(a, b) =>
                  change(photo.id, {
                    hints: photo.hints.map((each, index) =>
                      index === hintAt ? { ...each, a, b } : each
                    ),
                  })}
              />
              <p class="soft">Only colours that exist at this lightness.</p>
            </section>
          )}
        </aside>
      </div>
    </div>
  );
}

/** Promoted models, then jobs with a checkpoint. */
function useChoices(jobId: string | undefined): readonly Choice[] | undefined {
  const { value: models } = useAnswer<{ models?: readonly Model[] }>(
    "ModelService/ListModels",
    { pageSize: 1000 },
  );
  const { value: jobs } = useAnswer<{ jobs?: readonly Job[] }>(
    "TrainingJobService/ListTrainingJobs",
    { pageSize: 100 },
  );
  if (!models || !jobs) return undefined;
  return [
    ...(models.models ?? []).map(({ name, version }) => ({
      key: name,
      words: `${name}, version ${version}`,
      reference: { name },
    })),
    ...(jobs.jobs ?? []).filter((job) => job.latestLosses !== undefined || job.jobId === jobId)
      .map((job) => ({
        key: job.jobId,
        words: `${job.displayName || job.jobId}, newest checkpoint`,
        reference: { checkpoint: { jobId: job.jobId, choice: "CHECKPOINT_CHOICE_NEWEST" } },
      })),
  ];
}

/** Colorizes one photo after the other, and again those whose wish has changed. */
function useColors(
  photos: readonly Photo[],
  wish: Wish | undefined,
  maxBytes: number,
  change: (id: number, news: Partial<Photo>) => void,
): void {
  const isBusy = useRef(false);
  useEffect(() => {
    if (!wish || isBusy.current) return;
    const next = photos.find((each) => each.wish !== wishText(wish, each));
    if (!next) return;
    const ending = new AbortController();
    // Waits until a slider or a colour stands still.
    const timer = setTimeout(() => {
      isBusy.current = true;
      const text = wishText(wish, next);
      change(next.id, { state: "colorizing", wish: text });
      void colorize(next, wish, maxBytes, ending.signal).then((news) => {
        isBusy.current = false;
        change(next.id, news);
      });
    }, next.wish === "" ? 0 : 250);
    return () => clearTimeout(timer);
  });
}

function Cost({ photo }: { photo: Photo }) {
  const { result, problem, name } = photo;
  if (problem !== "") return <Note kind="error">{problem}</Note>;
  if (!result) return <p class="pad soft" role="status">{name}: {photo.state}</p>;
  const { width, height, timings = {}, colors, model } = result.answer;
  const cast = Math.hypot(colors?.cast?.a ?? 0, colors?.cast?.b ?? 0);
  const step = model?.checkpoint?.step;
  return (
    <div class="pad stack">
      <p class="soft" role="status">
        {name} · {width} × {height} · <b>{span(secondsOf(String(timings["total"] ?? "0s")))}</b>
        {step !== undefined && ` · step ${whole(step)}`} · colourfulness{" "}
        {figure(colors?.colorfulness)}
      </p>
      {colors?.nearlyGray === true && (
        <Note kind="warning">
          <b>Nearly gray.</b> Give it a hint, or another model.
        </Note>
      )}
      {cast >= 6 && (
        <Note kind="warning">
          <b>What should be gray is {fixed(cast, 0)} off.</b>{" "}
          It may be a cast, or the colour of a meadow; “take off a cast” shows it without.
        </Note>
      )}
      {num(result.answer.pagesLeftOut) > 0 && (
        <Note kind="warning">{result.answer.pagesLeftOut} more pages are left out.</Note>
      )}
    </div>
  );
}

function stateOf({ state, result }: Photo): string {
  const colors = result?.answer.colors;
  const doubts = colors?.nearlyGray === true ||
    Math.hypot(colors?.cast?.a ?? 0, colors?.cast?.b ?? 0) >= 6;
  return state === "done" && doubts ? "doubts" : state;
}

function resultName({ name, result }: Photo): string {
  const ending = { IMAGE_FORMAT_JPEG: "jpg", IMAGE_FORMAT_PNG: "png", IMAGE_FORMAT_WEBP: "webp" };
  const format = result?.answer.format ?? "";
  const known = ending[format as keyof typeof ending] ??
    format.replace("IMAGE_FORMAT_", "").toLowerCase();
  return `${name.replace(/\.[^.]*$/, "")}-colorized.${known}`;
}

function hexOf({ L, a, b }: { L: number; a: number; b: number }): string {
  return `#${
    (rgbOf(L, a, b) ?? [128, 128, 128]).map((byte) => byte.toString(16).padStart(2, "0")).join("")
  }`;
}

function lightnessAt(picture: HTMLImageElement, x: number, y: number): number {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return 50;
  context.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
  const [r = 128, g = 128, b = 128] = context.getImageData(0, 0, 1, 1).data;
  return lightnessOf(r, g, b);
}
