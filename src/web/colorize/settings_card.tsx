import { Toggle } from "../../web_parts/parts/controls.tsx";
import { fixed } from "../../web_parts/words.ts";
import { hexOf, paintOf } from "../../web_parts/pictures/lab.ts";
import { type Reference, referenceOf } from "../../web_parts/pictures/palette.ts";
import type { Wish } from "./photos.ts";
import type { Choice } from "./use_choices.ts";

/** What a person chooses besides the models. */
type Settings = Omit<Wish, "model">;

/** As the contract has them by default. */
export const defaults: Settings = {
  saturation: 1,
  removeCast: false,
  refine: false,
  format: "IMAGE_FORMAT_UNSPECIFIED",
  quality: 0,
  stripMetadata: false,
  reference: undefined,
};

const formats = [
  ["IMAGE_FORMAT_UNSPECIFIED", "as the photo"],
  ["IMAGE_FORMAT_JPEG", "JPEG"],
  ["IMAGE_FORMAT_PNG", "PNG"],
  ["IMAGE_FORMAT_WEBP", "WebP"],
  ["IMAGE_FORMAT_AVIF", "AVIF"],
] as const;

/** Which of the models to use. */
export function ModelField({ label, value, choices, none, onChange }: {
  label: string;
  value: string;
  choices: readonly Choice[];
  /** What no model is called, where none may be chosen. */
  none?: string;
  onChange: (key: string) => void;
}) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {choices.map(({ key, words }) => <option key={key} value={key}>{words}</option>)}
      </select>
    </label>
  );
}

/** Saturation, cast, blots and the file of results. */
export function SettingsFields({ settings, onChange }: {
  settings: Settings;
  onChange: (news: Partial<Settings>) => void;
}) {
  const { saturation, removeCast, refine, format, quality, stripMetadata, reference } = settings;
  const hasQuality = format !== "IMAGE_FORMAT_PNG";
  return (
    <>
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
          onInput={({ currentTarget }) => onChange({ saturation: Number(currentTarget.value) })}
        />
      </label>
      <Toggle
        label={reference ? "take off a cast (the palette says which there is)" : "take off a cast"}
        checked={removeCast && !reference}
        onChange={(removeCast) => reference || onChange({ removeCast })}
      />
      <Toggle
        label="smooth blots"
        checked={refine}
        onChange={(refine) => onChange({ refine })}
      />
      <details class="file-settings">
        <summary>Result file</summary>
        <label class="field">
          Format
          <select
            value={format}
            onChange={({ currentTarget }) => onChange({ format: currentTarget.value, quality: 0 })}
          >
            {formats.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
          </select>
        </label>
        {hasQuality && format !== "IMAGE_FORMAT_UNSPECIFIED" && (
          <label class="field">
            <span>
              Quality <output>{quality === 0 ? "default" : quality}</output>
            </span>
            <input
              type="range"
              min="0"
              max="100"
              value={quality}
              onInput={({ currentTarget }) => onChange({ quality: Number(currentTarget.value) })}
            />
          </label>
        )}
        <Toggle
          label="leave out date, camera and place"
          checked={stripMetadata}
          onChange={(stripMetadata) => onChange({ stripMetadata })}
        />
      </details>
    </>
  );
}

/** A picture whose palette results get, and its colours. */
export function PaletteField({ reference, onReference, onProblem, onSwatch }: {
  reference: Reference | undefined;
  onReference: (reference: Reference | undefined) => void;
  onProblem: (problem: string) => void;
  /** A colour of it was chosen; undefined: there is nothing to give it to. */
  onSwatch: ((a: number, b: number) => void) | undefined;
}) {
  const take = (file: File | undefined) => {
    if (!file) return;
    referenceOf(file).then(onReference, (error) => onProblem(error.message));
  };
  return (
    <section class="stack" aria-label="Palette from a picture">
      <div class="palette-head">
        <b>Palette from a picture</b>
        <label class="link file-link">
          {reference ? "Change…" : "Choose…"}
          <input
            type="file"
            class="unseen"
            accept="image/*"
            aria-label="Picture whose palette results get"
            onChange={({ currentTarget }) => {
              take(currentTarget.files?.[0]);
              currentTarget.value = "";
            }}
          />
        </label>
      </div>
      {reference && (
        <>
          <div class="palette">
            <img src={reference.url} alt={`Reference ${reference.name}`} />
            <button type="button" class="link" onClick={() => onReference(undefined)}>
              Take it off
            </button>
          </div>
          <div class="swatches">
            {reference.swatches.map(([a, b], index) => (
              <button
                type="button"
                key={index}
                style={{ background: hexOf(paintOf(a, b)) }}
                aria-label={`Colour a ${a}, b ${b} of the palette`}
                disabled={!onSwatch}
                title={onSwatch ? "Give it to the hint or brush" : "Choose Hint or Stroke first"}
                onClick={() => onSwatch?.(a, b)}
              />
            ))}
          </div>
        </>
      )}
    </section>
  );
}
