import type { Window } from "./window.ts";

/**
 * The shapes of what happened: a shape tells it, and its colour beside. Where there is no room for all,
 * those of the lower rank are shown.
 */
const shapes = {
  warning: { glyph: "▲", color: "--warning", rank: 2, name: "warning" },
  error: { glyph: "◆", color: "--error", rank: 0, name: "error" },
  resumed: { glyph: "○", color: "--running", rank: 1, name: "resumed" },
  checkpoint: { glyph: "▾", color: "--ink3", rank: 4, name: "checkpoint" },
  best: { glyph: "★", color: "--ok", rank: 3, name: "best checkpoint" },
} as const;

/** Something on the way of a job. */
interface LaneEvent {
  readonly kind: keyof typeof shapes;
  readonly x: number;
  /** A sentence for who points at it. */
  readonly text: string;
}

/** The colour of an event's line through the charts, as a custom property. */
export function eventColor(kind: LaneEvent["kind"]): string {
  return shapes[kind].color;
}

/** Two events nearer than this part of the lane would hide one another. */
const NEAREST = 0.012;

/** What happened, as shapes at its place on the axis of the charts below. */
export function EventLane({ events, range, onPick }: {
  events: readonly LaneEvent[];
  range: Window;
  onPick: (x: number) => void;
}) {
  const width = range[1] - range[0] || 1;
  const placed = events.map((event) => ({ ...event, at: (event.x - range[0]) / width }))
    .filter(({ at }) => at >= 0 && at <= 1);
  const important = placed.toSorted((a, b) =>
    shapes[a.kind].rank - shapes[b.kind].rank || b.at - a.at
  );
  const shown: typeof placed = [];
  for (const event of important) {
    if (shown.every(({ at }) => Math.abs(at - event.at) >= NEAREST)) shown.push(event);
  }
  return (
    <ul class="event-lane" aria-label="What happened, on the axis of the curves">
      {shown.toSorted((a, b) => a.at - b.at).map(({ kind, text, x, at }) => (
        <li key={`${kind} ${x}`} style={{ left: `${100 * at}%` }}>
          <button
            type="button"
            class={`event-${kind}`}
            style={{ color: `var(${shapes[kind].color})` }}
            title={text}
            aria-label={`${shapes[kind].name}: ${text}`}
            onClick={() =>
              onPick(x)}
          >
            <span aria-hidden="true">{shapes[kind].glyph}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
