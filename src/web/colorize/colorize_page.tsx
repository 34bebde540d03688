import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Capabilities } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Note } from "../../web_parts/parts/controls.tsx";
import { droppedFiles, type GivenFile } from "../../web_parts/parts/dropped_files.ts";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import { bytes, counted, num } from "../../web_parts/words.ts";
import { ColorDisc } from "../../web_parts/pictures/color_disc.tsx";
import { Disagreement, Findings } from "./findings.tsx";
import { GivePhotos } from "./give_photos.tsx";
import { hexOf, labOf, paintOf } from "../../web_parts/pictures/lab.ts";
import { PageHead } from "./page_head.tsx";
import { PhotoList, wordOf } from "./photo_list.tsx";
import {
  asLeft,
  type Hint,
  isPhoto,
  type Photo,
  photoOf,
  releasePhoto,
  type Wish,
  withAttempt,
} from "./photos.ts";
import { defaults, ModelField, PaletteField, SettingsFields } from "./settings_card.tsx";
import { Stage, type Tool } from "./stage.tsx";
import { type Brush, StageTools } from "./stage_tools.tsx";
import { useChoices } from "./use_choices.ts";
import { useQueue } from "./use_queue.ts";
import {
  nextZoom,
  placeOf,
  type Size,
  type View,
  wholePhoto,
  zoomed,
} from "../../web_parts/pictures/view.ts";

/** Outlives the page, so that one may look at another one meanwhile. */
const kept = {
  photos: [] as readonly Photo[],
  current: undefined as number | undefined,
  settings: defaults,
  models: { model: undefined as string | undefined, beside: undefined as string | undefined },
};

/** Photos in, photos in colour out. */
export function ColorizePage() {
  const { query } = useRoute();
  const tell = useToast();
  const known = useChoices(query.get("job") ?? undefined);
  const choices = known ?? [];
  const [photos, setPhotos] = useState(() => kept.photos.map(asLeft));
  const [current, setCurrent] = useState(kept.current ?? photos[0]?.id);
  const [settings, setSettings] = useState(kept.settings);
  Object.assign(kept, { photos, current, settings });
  const named = {
    model: query.get("model") ?? undefined,
    beside: query.get("beside") ?? undefined,
  };
  const isNamed = named.model !== undefined || named.beside !== undefined || query.has("job");
  if (isNamed) kept.models = named;
  useEffect(() => {
    if (!isNamed && Object.values(kept.models).some((each) => each !== undefined)) {
      setQuery(kept.models);
    }
  }, [isNamed]);
  const [isStopped, setStopped] = useState(false);
  const [tool, setTool] = useState<Tool>("move");
  const [isSlide, setSlide] = useState(true);
  const [isGray, setGray] = useState(false);
  const [brush, setBrush] = useState<Brush>({ share: 0.03, isErasing: false });
  const [tint, setTint] = useState({ L: 60, a: 45, b: 30 });
  const [chosen, setChosen] = useState(-1);
  const [view, setView] = useState<View>(wholePhoto);
  const [pane, setPane] = useState<Size>({ width: 320, height: 240 });
  const picture = useRef<HTMLImageElement>(null);
  const card = useRef<HTMLDivElement>(null);
  const save = useRef<HTMLAnchorElement>(null);
  const wanted = query.get("model") ?? query.get("job") ?? "";
  const first = choices.find(({ key }) => key === wanted) ?? choices[0];
  const second = choices.find(({ key }) => key === query.get("beside"));
  const models = [first, second].filter((each) => each !== undefined);
  const { value } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const wishes = useMemo(() =>
    models.map(({ reference: model }): Wish => ({
      ...settings,
      model,
      removeCast: settings.removeCast && !settings.reference,
    })), [settings, first?.key, second?.key]);
  const change = (id: number, to: (photo: Photo) => Photo) =>
    setPhotos((before) => before.map((each) => each.id === id ? to(each) : each));
  useQueue({
    ...{ photos, current, wishes, isStopped },
    maxBytes: num(value?.limits?.["maxReceiveBytes"]) || 16 * 2 ** 20,
    change: (id, slot, news) => change(id, (photo) => withAttempt(photo, slot, news)),
  });
  const add = (given: readonly GivenFile[]) => {
    const added = given.filter(({ file }) => isPhoto(file))
      .map(({ file, name }) => photoOf(file, name));
    if (added.length < given.length) {
      tell(`${counted(given.length - added.length, "file")} left out: no photos.`, "error");
    }
    if (added.length === 0) return;
    setPhotos((before) => [...before, ...added]);
    setCurrent((before) => before ?? added[0]?.id);
    setStopped(false);
  };
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) =>
      add([...clipboardData?.files ?? []].map((file) => ({ file, name: file.name })));
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);
  const photo = photos.find(({ id }) => id === current);
  const hint = tool === "hint" ? photo?.hints[chosen] : undefined;
  const look = (id: number | undefined) => {
    setCurrent(id);
    setChosen(-1);
    setView(wholePhoto);
  };
  const move = (by: number) => {
    const at = photos.findIndex(({ id }) => id === current);
    look(photos[Math.max(0, Math.min(photos.length - 1, at + by))]?.id);
  };
  const remove = (gone: Photo) => {
    releasePhoto(gone);
    const at = photos.indexOf(gone);
    setPhotos((before) => before.filter(({ id }) => id !== gone.id));
    if (gone.id === current) look((photos[at + 1] ?? photos[at - 1])?.id);
  };
  const setHints = (hints: readonly Hint[], at: number) => {
    if (photo) change(photo.id, (before) => ({ ...before, hints }));
    setChosen(at);
  };
  const putHint = (x: number, y: number) => {
    const at = { x: Math.floor(x), y: Math.floor(y) };
    const [L] = labOf(...pixelOf(picture.current, at.x, at.y));
    const hints = photo?.hints ?? [];
    setHints([...hints, { ...tint, ...at, L }], hints.length);
  };
  const give = (a: number, b: number) => {
    setTint({ ...tint, a, b });
    if (photo && hint) {
      setHints(photo.hints.map((each) => each === hint ? { ...each, a, b } : each), chosen);
    }
  };
  const undo = () => {
    if (!photo) return;
    const takesStroke = photo.strokes.length > 0 &&
      (tool === "stroke" || photo.hints.length === 0);
    setChosen(-1);
    change(photo.id, ({ strokes, hints, ...rest }) => ({
      ...rest,
      strokes: takesStroke ? strokes.slice(0, -1) : strokes,
      hints: takesStroke ? hints : hints.slice(0, -1),
    }));
  };
  const clear = () => {
    if (photo) change(photo.id, (each) => ({ ...each, hints: [], strokes: [] }));
    setChosen(-1);
  };
  const full = () =>
    void (document.fullscreenElement
      ? document.exitFullscreen()
      : card.current?.requestFullscreen());
  const size = photo?.size ?? { width: 4, height: 3 };
  const place = placeOf(view, size, pane);
  const brushPixels = Math.max(1, Math.round(brush.share * Math.max(size.width, size.height)));
  useKeys({
    m: () => setTool("move"),
    h: () => setTool("hint"),
    b: () => setTool("stroke"),
    e: () => setBrush({ ...brush, isErasing: !brush.isErasing }),
    z: undo,
    t: () => setGray(!isGray),
    s: () => save.current?.click(),
    f: full,
    0: () => setView(wholePhoto),
    1: () => setView(zoomed(place, pane, 100)),
    "+": () => setView(zoomed(place, pane, nextZoom(place, 1))),
    "-": () => setView(zoomed(place, pane, nextZoom(place, -1))),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  });
  const left = photos.map((each) => wordOf(each, models.length))
    .filter((word) => word === "waiting" || word === "colorizing").length;
  const results = photo?.attempts.map(({ result }) => result) ?? [];
  const panes = models.map(({ title }, slot) => {
    const state = photo?.attempts[slot]?.state ?? "waiting";
    return { title, after: results[slot]?.url, state: state === "done" ? "" : state };
  });
  const gray = { title: "as it is", after: undefined, state: "" };
  return (
    <div
      class="colorize-page"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void droppedFiles(event.dataTransfer).then(
          add,
          (error) => tell(`What was dropped cannot be read: ${error.message}.`, "error"),
        );
      }}
    >
      <PageHead
        {...{ photos, photo, isSlide, save }}
        titles={models.map(({ title }) => title)}
        onSlide={setSlide}
      />
      {known?.length === 0 && (
        <Note kind="warning">
          There is no model and no checkpoint yet. <a href="#/new">Train one first.</a>
        </Note>
      )}
      <div class="colorize-columns">
        <div class="card photos">
          <GivePhotos
            {...{ left, isStopped }}
            all={photos.length}
            onFiles={add}
            onStop={setStopped}
          />
          <PhotoList
            {...{ photos, current }}
            slots={models.length}
            onChoose={look}
            onRemove={remove}
          />
        </div>
        <div class="card stage-card" ref={card}>
          {photo
            ? (
              <>
                <StageTools
                  {...{ photo, tool, brush, brushPixels, place, pane, view }}
                  onTool={setTool}
                  onBrush={setBrush}
                  onUndo={undo}
                  onClear={clear}
                  onView={setView}
                  onFull={full}
                />
                <Stage
                  key={photo.id}
                  {...{ photo, tool, isSlide, isGray, view, pane, chosen }}
                  panes={isSlide || second ? panes : [gray, ...panes]}
                  brush={{
                    color: brush.isErasing ? undefined : hexOf(paintOf(tint.a, tint.b)),
                    size: brushPixels,
                  }}
                  onView={setView}
                  onPane={setPane}
                  onPoint={putHint}
                  onHints={(hints, at) => {
                    setHints(hints, at);
                    if (at >= 0) setTool("hint");
                  }}
                  onStroke={(stroke) =>
                    change(photo.id, (each) => ({ ...each, strokes: [...each.strokes, stroke] }))}
                  onPicture={(image) => {
                    picture.current = image;
                    const { naturalWidth: width, naturalHeight: height } = image;
                    if (photo.size?.width === width && photo.size.height === height) return;
                    change(photo.id, (each) => ({ ...each, size: { width, height } }));
                  }}
                />
                <div class="pad stack">
                  <p class="soft">
                    {photo.name} · {bytes(photo.file.size)}
                    {photo.size && ` · ${size.width} × ${size.height}`}
                  </p>
                  {models.map(({ title }, slot) => (
                    <Findings
                      key={slot}
                      title={title}
                      attempt={photo.attempts[slot] ?? photo.attempts[0]}
                      onRetry={() =>
                        change(photo.id, (each) => withAttempt(each, slot, { wish: "" }))}
                    />
                  ))}
                  {second && results[0] && results[1] && (
                    <Disagreement one={results[0].blob} other={results[1].blob} />
                  )}
                </div>
              </>
            )
            : (
              <div class="pad empty-stage">
                <p>Drop a photo anywhere on this page.</p>
                <p class="soft">It keeps its resolution and its lightness; only colour is added.</p>
              </div>
            )}
        </div>
        <aside class="card pad stack settings" aria-label="Settings">
          <ModelField
            label="Model"
            value={first?.key ?? ""}
            choices={choices}
            onChange={(model) => setQuery({ model, job: undefined })}
          />
          <ModelField
            label="Beside it"
            value={second?.key ?? ""}
            choices={choices}
            none="no other"
            onChange={(beside) => setQuery({ beside })}
          />
          {photo && (tool === "stroke" || hint) && (
            <section aria-label={hint ? "Hint colour" : "Brush colour"}>
              <h2>
                {hint ? "Hint colour" : "Brush colour"}{" "}
                <span class="soft">at L {Math.round((hint ?? tint).L)}</span>
              </h2>
              <ColorDisc {...(hint ?? tint)} onChoose={give} />
              <p class="soft">Only colours that exist at this lightness.</p>
            </section>
          )}
          <PaletteField
            reference={settings.reference}
            onReference={(reference) => setSettings((before) => ({ ...before, reference }))}
            onProblem={(problem) => tell(problem, "error")}
            onSwatch={tool === "stroke" || hint ? give : undefined}
          />
          <SettingsFields
            settings={settings}
            onChange={(news) => setSettings((before) => ({ ...before, ...news }))}
          />
        </aside>
      </div>
    </div>
  );
}

/** R, G and B of a pixel of a picture, upright. */
function pixelOf(picture: HTMLImageElement | null, x: number, y: number): [number, number, number] {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context || !picture) return [128, 128, 128];
  context.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
  const [r = 128, g = 128, b = 128] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}
