import { Icon } from "../../web_parts/parts/icon.tsx";
import { whole } from "../../web_parts/words.ts";

/** Chooses one of a job's sample sheets by its step. */
export function SheetSlider({ steps, index, onMove }: {
  steps: readonly number[];
  index: number;
  onMove: (index: number) => void;
}) {
  const last = steps.length - 1;
  const move = (by: number) => onMove(Math.max(0, Math.min(last, index + by)));
  return (
    <div class="sheet-slider">
      <button type="button" class="quiet" aria-label="Sheet before" onClick={() => move(-1)}>
        <Icon name="left" />
      </button>
      <input
        type="range"
        aria-label="Sample sheet"
        aria-valuetext={`step ${whole(steps[index])}`}
        min={0}
        max={Math.max(0, last)}
        value={index}
        onInput={({ currentTarget }) => onMove(Number(currentTarget.value))}
      />
      <button type="button" class="quiet" aria-label="Next sheet" onClick={() => move(1)}>
        <Icon name="right" />
      </button>
      <output>step {whole(steps[index])}</output>
    </div>
  );
}
