import { useEffect, useRef, useState } from "preact/hooks";
import { LineSample, lookOf, LOOKS } from "../../web_parts/charts/looks.tsx";
import { type Brushes, isInside } from "../../web_parts/charts/parallel_axes.tsx";
import type { Job, Sweep } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { useCompared } from "../../web_parts/live/use_compared.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { StateChip } from "../../web_parts/parts/state_chip.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import { whole } from "../../web_parts/words.ts";
import { CompareCurves } from "../../web_parts/compare/compare_curves.tsx";
import { CompareSheets } from "../../web_cards/sheets/compare_sheets.tsx";
import { DifferencesCard } from "./differences_card.tsx";
import { newestOf, type ShownLine } from "../../web_parts/compare/shown_line.ts";
import { SweepPart } from "../../web_parts/compare/sweep_part.tsx";
import { readBrushes, trialsOf, writeBrushes } from "../../web_parts/compare/sweep_trials.ts";

/** The most jobs over one another; trials of a sweep only fill up to MOST_TRIALS. */
const MOST_JOBS = LOOKS, MOST_TRIALS = 6;

/** Several jobs over one another, and a sweep. The address holds which. */
export function ComparePage() {
  const { query } = useRoute();
  const toast = useToast();
  const named = [...new Set((query.get("jobs") ?? "").split(",").filter((id) => id !== ""))];
  const chosen = named.slice(0, MOST_JOBS);
  const sweepId = query.get("sweep") ?? "";
  const { sweep, jobs, problem } = useSweep(sweepId);
  const { trials, axes } = sweep ? trialsOf(sweep, jobs) : { trials: [], axes: [] };
  // Browsers take few changes of the address a second, so it has only what is drawn to its end.
  const [drawnBrushes, setDrawnBrushes] = useState<Brushes>();
  const brushes = drawnBrushes ?? readBrushes(query.get("brush") ?? "");
  const onBrushes = (to: Brushes, isDone: boolean) => {
    setDrawnBrushes(isDone ? undefined : to);
    if (isDone) setQuery({ brush: writeBrushes(to) });
  };
  const inside = trials.map((_, at) => isInside(axes, brushes, at));
  const drawable = trials.filter(({ jobIds }, at) =>
    inside[at] && jobIds.length > 0 && !chosen.includes(jobIds.at(-1) ?? "")
  ).toSorted((a, b) => a.cost === b.cost ? a.number - b.number : a.cost - b.cost);
  const drawn = drawable.slice(0, Math.max(0, MOST_TRIALS - chosen.length));
  const groups = [
    ...chosen.map((id) => ({ ids: [id], name: undefined })),
    ...drawn.map(({ jobIds, number }) => ({ ids: jobIds, name: `trial ${number}` })),
  ];
  const compared = useCompared(groups.flatMap(({ ids }) => ids));
  const places = usePlaces(groups.map(({ ids }) => ids.at(-1) ?? ""));
  const lines = groups.map(({ ids, name }): ShownLine => {
    const members = ids.flatMap((id) => compared.jobs.get(id) ?? []);
    const id = ids.at(-1) ?? "";
    return {
      id,
      name: name ?? (members.at(-1)?.job?.displayName || id),
      look: lookOf(places.get(id) ?? 0),
      jobs: members,
      isChosen: name === undefined,
    };
  });
  const choose = (ids: readonly string[]) => setQuery({ jobs: ids.join(","), zoom: undefined });
  const problems = [problem, ...lines.map((line) => newestOf(line)?.problem)]
    .filter((text) => text !== undefined);
  const sweepPart = sweep && (
    <SweepPart {...{ sweep, trials, axes, brushes, onBrushes, inside, lines }} />
  );
  return (
    <>
      <div class="page-head">
        <h1>Compare</h1>
        {lines.filter(({ isChosen }) => isChosen).map((line) => (
          <JobChip
            key={line.id}
            line={line}
            onRemove={() => choose(chosen.filter((id) => id !== line.id))}
          />
        ))}
        <Choosers chosen={chosen} sweepId={sweepId} onAdd={(id) => choose([...chosen, id])} />
        <span class="spacer" />
        <button
          type="button"
          class="button"
          onClick={() =>
            void navigator.clipboard.writeText(location.href).then(
              () => toast("The link is copied; it shows this view."),
              () => toast("The browser did not let the link be copied.", "error"),
            )}
        >
          <Icon name="copy" /> Copy link
        </button>
      </div>
      {problems.map((text) => <Note key={text} kind="error">{text}</Note>)}
      {named.length > MOST_JOBS && (
        <Note kind="warning">
          The address names {whole(named.length)} jobs; these are the first {MOST_JOBS}.
        </Note>
      )}
      {chosen.length === 0 && sweepId === "" && (
        <Empty title="Nothing to compare yet">
          <p>
            Add jobs here, or select them on the <a href="#/">Jobs</a> page.
          </p>
        </Empty>
      )}
      {chosen.length === 0 && sweepPart}
      {lines.length > 0 && (
        <>
          <CompareCurves lines={lines} version={compared.version} />
          {drawn.length > 0 && (
            <p class="soft compare-note">
              The curves of {whole(drawn.length)} of {whole(drawable.length)}{" "}
              trials that have begun{brushes.size > 0 && " and lie in the brush"}, the best first.
            </p>
          )}
          <CompareSheets lines={lines} />
          <DifferencesCard lines={lines} />
        </>
      )}
      {chosen.length > 0 && sweepPart}
    </>
  );
}

/** A sweep while it goes on, and its jobs whenever another trial was measured. */
function useSweep(sweepId: string) {
  const method = sweepId === "" ? undefined : "SweepService/GetSweep";
  const isOver = useRef(false);
  const answer = useAnswer<{ sweep: Sweep }>(method, { sweepId }, isOver.current ? 0 : 2000);
  const sweep = answer.value?.sweep;
  isOver.current = sweep !== undefined && sweep.state !== "SWEEP_STATE_RUNNING";
  const { value, refresh } = useAnswer<{ jobs?: readonly Job[] }>(
    method && "TrainingJobService/ListTrainingJobs",
    { labels: { sweep: sweepId }, pageSize: 1000 },
  );
  const measured = sweep?.trials?.map(({ step }) => step ?? 0).join();
  useEffect(() => {
    if (measured !== undefined) refresh();
  }, [measured]);
  return { sweep, jobs: value?.jobs ?? [], problem: answer.error?.message };
}

/** A place among the looks for each id, which it keeps while it is shown. */
function usePlaces(ids: readonly string[]): ReadonlyMap<string, number> {
  const places = useRef(new Map<string, number>());
  for (const id of places.current.keys()) {
    if (!ids.includes(id)) places.current.delete(id);
  }
  for (const id of ids) {
    if (places.current.has(id)) continue;
    const taken = new Set(places.current.values());
    let free = 0;
    while (taken.has(free)) free++;
    places.current.set(id, free);
  }
  return places.current;
}

function JobChip({ line, onRemove }: { line: ShownLine; onRemove: () => void }) {
  const { live, job } = newestOf(line) ?? {};
  const state = live?.states.at(-1)?.to ?? job?.state;
  return (
    <span class="job-chip">
      <LineSample look={line.look} />
      <a href={`#/jobs/${line.id}`}>{line.name}</a>
      {state && <StateChip state={state} />}
      <button type="button" class="quiet" aria-label={`Remove ${line.name}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

/** Lists to choose another job and a sweep from. */
function Choosers({ chosen, sweepId, onAdd }: {
  chosen: readonly string[];
  sweepId: string;
  onAdd: (id: string) => void;
}) {
  const { value, refresh } = useAnswer<{ jobs?: readonly Job[] }>(
    "TrainingJobService/ListTrainingJobs",
    { pageSize: 200 },
  );
  const jobs = value?.jobs ?? [];
  // Asked again and again: jobs that are over say nothing of a server that is lost.
  const sweeps = useAnswer<{ sweeps?: readonly Sweep[] }>(
    "SweepService/ListSweeps",
    { pageSize: 200 },
    2000,
  ).value?.sweeps ?? [];
  return (
    <>
      <select
        class="button"
        aria-label="Add a job"
        value=""
        disabled={chosen.length >= MOST_JOBS}
        onFocus={refresh}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== "") onAdd(currentTarget.value);
          currentTarget.value = "";
        }}
      >
        <option value="">+ Add job</option>
        {jobs.filter(({ jobId }) => !chosen.includes(jobId)).map(({ jobId, displayName }) => (
          <option key={jobId} value={jobId}>{displayName || jobId}</option>
        ))}
      </select>
      {(sweeps.length > 0 || sweepId !== "") && (
        <select
          class="button"
          aria-label="Sweep"
          value={sweepId}
          onChange={({ currentTarget }) =>
            setQuery({ sweep: currentTarget.value, brush: undefined, sort: undefined })}
        >
          <option value="">No sweep</option>
          {!sweeps.some((each) => each.sweepId === sweepId) && sweepId !== "" && (
            <option value={sweepId}>{sweepId}</option>
          )}
          {sweeps.map((each) => (
            <option key={each.sweepId} value={each.sweepId}>
              {each.displayName || each.sweepId}
            </option>
          ))}
        </select>
      )}
    </>
  );
}
