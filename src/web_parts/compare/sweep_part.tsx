import { useState } from "preact/hooks";
import { LineSample } from "../charts/looks.tsx";
import { type Brushes, ParallelAxes, type ParallelAxis } from "../charts/parallel_axes.tsx";
import type { Sweep } from "../contract/messages.ts";
import { Note } from "../parts/controls.tsx";
import { Icon } from "../parts/icon.tsx";
import { StateChip } from "../parts/state_chip.tsx";
import { useKeys } from "../parts/use_keys.ts";
import { setQuery, useRoute } from "../parts/use_route.ts";
import { counted, span, stateWord, whole } from "../words.ts";
import type { ShownLine } from "./shown_line.ts";
import type { ShownTrial } from "./sweep_trials.ts";

/** The most rows of the table. */
const MOST_ROWS = 200;

/** A sweep: its trials as lines over parallel axes, and as a table. */
export function SweepPart({ sweep, trials, axes, brushes, onBrushes, inside, lines }: {
  sweep: Sweep;
  trials: readonly ShownTrial[];
  axes: readonly ParallelAxis[];
  brushes: Brushes;
  /** Called also while a brush is being drawn. */
  onBrushes: (brushes: Brushes, isDone: boolean) => void;
  /** Of each trial, whether it lies in all brushes. */
  inside: readonly boolean[];
  /** The trials that have curves, by their newest job. */
  lines: readonly ShownLine[];
}) {
  const [hot, setHot] = useState<string>();
  const clear = () => onBrushes(new Map(), true);
  useKeys({ Escape: clear });
  const lookOf = ({ jobIds }: ShownTrial) => lines.find(({ id }) => id === jobIds.at(-1))?.look;
  const best = trials.find(({ isBest }) => isBest);
  const count = inside.filter(Boolean).length;
  return (
    <>
      <div class="page-head">
        <h2 class="sweep-name">{sweep.displayName || sweep.sweepId}</h2>
        <StateChip state={sweep.state} />
        <span class="soft">{wordsOf(sweep, trials)}</span>
        <span class="spacer" />
        {best?.jobIds.length ? <BestLinks best={best} /> : null}
      </div>
      {sweep.message && <Note kind="error">{sweep.message}</Note>}
      <div class="columns sweep">
        <section class="card" aria-labelledby="parallel">
          <header class="card-head">
            <h2 id="parallel">Parallel coordinates</h2>
            <span class="soft" role="status">
              {brushes.size === 0
                ? "drag along an axis to choose trials"
                : `${whole(count)} of ${counted(trials.length, "trial")} in the brush`}
            </span>
            <span class="spacer" />
            {brushes.size > 0 && (
              <button type="button" class="quiet" onClick={clear}>
                Clear brush <kbd>Esc</kbd>
              </button>
            )}
          </header>
          <ParallelAxes
            inside={inside}
            axes={axes}
            lines={trials.map((trial) => ({
              id: String(trial.number),
              label: `trial ${trial.number}`,
              look: lookOf(trial),
              isBest: trial.isBest,
            }))}
            brushes={brushes}
            onBrush={(name, brush, isDone) => {
              const others = [...brushes].filter(([each]) => each !== name);
              onBrushes(new Map(brush ? [...others, [name, brush]] : others), isDone);
            }}
            hot={hot}
            onHot={setHot}
          />
          <p class="hint">
            Each line is a trial; coloured ones have a curve, the best one is thick. Drag along an
            axis, or move its ends with the arrow keys.
          </p>
        </section>
        <section class="card" aria-label="Trials">
          <TrialTable {...{ trials, axes, inside, lookOf, hot }} onHot={setHot} />
        </section>
      </div>
    </>
  );
}

function BestLinks({ best: { number, jobIds } }: { best: ShownTrial }) {
  const [job = ""] = jobIds.slice(-1);
  return (
    <>
      <a href={`#/jobs/${job}`}>Best: trial {number}</a>
      <a class="button" href={`#/new?from=${job}`}>Start a job from the best</a>
    </>
  );
}

/** "16 trials by random search on scenes · 15 measured, 1 failed · 1 h 12 min". */
function wordsOf({ spec, createTime, endTime }: Sweep, trials: readonly ShownTrial[]): string {
  const way = spec?.method === "SWEEP_METHOD_GRID" ? "grid" : "random search";
  const states = ["MEASURED", "RUNNING", "WAITING", "FAILED", "CANCELLED"].map((word) => ({
    word: word.toLowerCase(),
    count: trials.filter(({ state }) => stateWord(state) === word).length,
  })).filter(({ count }) => count > 0);
  const endMs = endTime === undefined ? Date.now() : Date.parse(endTime);
  return [
    `${counted(trials.length, "trial")} by ${way} on ${spec?.dataset}`,
    states.map(({ word, count }) => `${whole(count)} ${word}`).join(", "),
    span((endMs - Date.parse(createTime ?? "")) / 1000),
  ].join(" · ");
}

function TrialTable({ trials, axes, inside, lookOf, hot, onHot }: {
  trials: readonly ShownTrial[];
  axes: readonly ParallelAxis[];
  inside: readonly boolean[];
  lookOf: (trial: ShownTrial) => ShownLine["look"] | undefined;
  hot: string | undefined;
  onHot: (id: string | undefined) => void;
}) {
  const { query } = useRoute();
  const sort = query.get("sort") ?? "";
  const [by, sign] = sort.startsWith("-") ? [sort.slice(1), -1] : [sort, 1];
  const axis = axes.find(({ name }) => name === by);
  const rows = trials.map((trial, at) => ({ trial, at })).filter(({ at }) => inside[at]).toSorted(
    (a, b) =>
      axis
        ? sign * order(axis.values[a.at], axis.values[b.at]) ||
          a.trial.cost - b.trial.cost
        : by === "trial"
        ? sign * (a.trial.number - b.trial.number)
        : order(a.trial.cost, b.trial.cost),
  );
  const head = (name: string, title: string) => (
    <th
      key={name}
      class="number"
      aria-sort={by !== name ? "none" : sign > 0 ? "ascending" : "descending"}
    >
      <button
        type="button"
        class="link"
        onClick={() => setQuery({ sort: by === name && sign > 0 ? `-${name}` : name })}
      >
        {title}
        {by === name && (sign > 0 ? " ↑" : " ↓")}
      </button>
    </th>
  );
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Trials as a table">
      <table class="compact trials">
        <thead>
          <tr>
            {head("trial", "Trial")}
            <th>State</th>
            {axes.map(({ name, title }) => head(name, title))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ trial, at }) => {
            const id = String(trial.number);
            const [job] = trial.jobIds.slice(-1);
            const look = lookOf(trial);
            return (
              <tr
                key={id}
                class={`${trial.isBest ? "selected" : ""} ${hot === id ? "hot" : ""}`}
                onPointerEnter={() => onHot(id)}
                onPointerLeave={() => onHot(undefined)}
              >
                <td class="number">
                  {look && <LineSample look={look} />}{" "}
                  {trial.isBest && (
                    <span class="best" title="The best">
                      <span aria-hidden="true">★</span>
                      <span class="unseen">best</span>
                    </span>
                  )}
                  {job ? <a href={`#/jobs/${job}`}>{id}</a> : id}
                </td>
                <td>
                  <StateChip state={trial.state} />
                </td>
                {axes.map(({ name, values, show }) => {
                  const value = values[at];
                  return (
                    <td key={name} class="number">
                      {value === undefined ? "–" : typeof value === "number" ? show(value) : value}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p class="pad">
          <Icon name="search" /> No trial lies in all brushes.
        </p>
      )}
      {rows.length > MOST_ROWS && (
        <p class="pad soft">The first {MOST_ROWS} of {whole(rows.length)} trials.</p>
      )}
    </div>
  );
}

/** Numbers by size, words by the alphabet, nothing last. */
function order(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(`${b}`);
}
