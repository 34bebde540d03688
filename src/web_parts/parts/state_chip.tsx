import { stateWord } from "../words.ts";

/** A shape of its own for each state, so that colour is never alone. */
const shapes: Readonly<Record<string, string>> = {
  RUNNING: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1zM5.6 4.3L9.9 7 5.6 9.7z",
  SUCCEEDED: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1zM4 7l1-1 1.5 1.5L9.5 4.5l1 1-4 4z",
  MEASURED: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1zM4 7l1-1 1.5 1.5L9.5 4.5l1 1-4 4z",
  PAUSED: "M1.5 1.5h11v11h-11zM4.5 4v6h1.7V4zM7.8 4v6h1.7V4z",
  PAUSING: "M1.5 1.5h11v11h-11zM2.8 2.8v8.4h8.4V2.8zM4.7 4.5v5h1.3v-5zM8 4.5v5h1.3v-5z",
  FAILED: "M7 .5l6.5 6.5L7 13.5.5 7zM6.3 4v3.8h1.4V4zM6.3 8.8v1.4h1.4V8.8z",
  CANCELLED:
    "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1zM7 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2zM3.4 9.6l6.2-6.2 1 1-6.2 6.2z",
  CANCELLING: "M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1zM7 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2z",
  QUEUED:
    "M6.2 1h1.6v2H6.2zM6.2 11h1.6v2H6.2zM1 6.2h2v1.6H1zM11 6.2h2v1.6h-2zM2.5 3.6l1.1-1.1 1.3 1.3-1.1 1.1zM9.1 10.2l1.1-1.1 1.3 1.3-1.1 1.1zM10.2 4.9L9.1 3.8l1.3-1.3 1.1 1.1zM3.6 11.5l-1.1-1.1 1.3-1.3 1.1 1.1z",
};

/** A job's state as a word, a shape and a colour. */
export function StateChip({ state }: { state: string }) {
  const word = stateWord(state);
  return (
    <span class={`state state-${word.toLowerCase()}`}>
      <svg viewBox="0 0 14 14" width="12" height="12" aria-hidden="true">
        <path fill-rule="evenodd" d={shapes[word] ?? shapes["QUEUED"] ?? ""} />
      </svg>
      {word}
    </span>
  );
}
