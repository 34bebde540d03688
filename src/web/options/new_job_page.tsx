import { useEffect, useMemo, useState } from "preact/hooks";
import { call, CallError } from "../../web_parts/contract/calls.ts";
import type {
  Capabilities,
  Checked,
  Dataset,
  Job,
  Option,
} from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { CommandLine, Note, Toggle } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { useRoute } from "../../web_parts/parts/use_route.ts";
import { num, optionName, whole } from "../../web_parts/words.ts";
import { SweepForm } from "../../web_cards/sweeps/sweep_form.tsx";
import { DatasetChoice } from "./dataset_choice.tsx";
import { commandOf, readGiven, readLabels } from "./given_options.ts";
import { OptionRow } from "./option_row.tsx";
import { optionWord } from "../../web_parts/option_words.ts";
import { Preflight } from "./preflight.tsx";
import { RecipeChoice } from "./recipe_choice.tsx";
import { topicsOf } from "./topics.ts";

/** Waits for the end of typing before the server is asked. */
const PAUSE_MS = 400;

/** Starts a job: a dataset, a recipe, and options by topic. */
export function NewJobPage() {
  const { query } = useRoute();
  const from = query.get("from") ?? undefined;
  const [start, resume] = [query.get("start") ?? undefined, query.get("resume") ?? undefined];
  const { value: capabilities } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const { value: lists } = useAnswer<{ datasets?: readonly Dataset[] }>(
    "DatasetService/ListDatasets",
    { pageSize: 1000 },
    10_000,
  );
  const { value: origin } = useAnswer<{ job: Job }>(
    from === undefined ? undefined : "TrainingJobService/GetTrainingJob",
    { jobId: from },
  );
  const [name, setName] = useState("");
  const [labels, setLabels] = useState("");
  const [dataset, setDataset] = useState(query.get("dataset") ?? "");
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const [search, setSearch] = useState("");
  const [isChangedOnly, setChangedOnly] = useState(false);
  const [checked, setChecked] = useState<Checked>();
  const [measured, setMeasured] = useState<{ key: string; checked: Checked }>();
  const [isMeasuring, setMeasuring] = useState(false);
  const [recipeConfig, setRecipeConfig] = useState<Checked["config"]>();
  const [refusal, setRefusal] = useState<CallError>();
  const [isSweep, setSweep] = useState(false);
  const options = useMemo(() => capabilities?.trainingOptions ?? [], [capabilities]);
  const datasets = (lists?.datasets ?? []).filter(({ state }) =>
    state !== "DATASET_STATE_UPLOADING"
  );
  useEffect(() => {
    const job = origin?.job;
    if (!job) return;
    setDataset(job.dataset ?? "");
    setName(job.displayName ? `${job.displayName}, again` : "");
    if (resume !== undefined) return; // a resumed run has the other's options
    setGiven(Object.fromEntries(options.flatMap((option) => {
      const value = job.config?.[optionName(option.name)];
      const isUsual = value === undefined || optionWord(value) === optionWord(option.defaultValue);
      return isUsual ? [] : [[option.name, String(value)]];
    })));
  }, [origin, options]);
  useEffect(() => {
    if (dataset === "" && from === undefined) {
      setDataset(datasets.find(({ photos }) => num(photos) > 0)?.name ?? "");
    }
  }, [lists]);
  const recipe = given["recipe"] ?? "RECIPE_PIX2PIX";
  useEffect(() => {
    const ending = new AbortController();
    const request = { config: { recipe } };
    void call<Checked>("TrainingJobService/ValidateTrainingConfig", request, ending.signal)
      .then(({ config }) => setRecipeConfig(config), () => {});
    return () => ending.abort();
  }, [recipe]);
  const { config, unreadable } = readGiven(options, given);
  const request = {
    dataset,
    config,
    ...(from !== undefined && start !== undefined && { startFrom: { jobId: from, step: start } }),
    ...(from !== undefined && resume !== undefined &&
      { resumeFrom: { jobId: from, step: resume } }),
  };
  // A measurement holds for any name and labels.
  const key = JSON.stringify(request);
  const marked = { ...request, displayName: name, labels: readLabels(labels) };
  const markedKey = JSON.stringify(marked);
  useEffect(() => {
    if (options.length === 0) return;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      call<Checked>(
        "TrainingJobService/ValidateTrainingConfig",
        JSON.parse(markedKey),
        ending.signal,
      )
        .then((answer) => {
          setChecked(answer);
          setRefusal(undefined);
        }, (error) => !ending.signal.aborted && error instanceof CallError && setRefusal(error));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [markedKey, options]);
  const problems = new Map<string, string>([
    ...[...(checked?.violations ?? []), ...(refusal?.violations ?? [])].map(
      ({ field, description }) =>
        [field.replace(/^config\./, "").replace(/^labels.*/, "labels"), description] as const,
    ),
    ...unreadable,
  ]);
  const usualOf = ({ name, defaultValue }: Option) => {
    const value = recipeConfig?.[optionName(name)];
    return name === "recipe" || value === undefined ? defaultValue : String(value);
  };
  const change = (field: string, value: string | undefined) =>
    setGiven((before) => {
      const { [field]: _, ...rest } = before;
      return value === undefined ? rest : { ...rest, [field]: value };
    });
  const measure = async () => {
    setMeasuring(true);
    try {
      const answer = await call<Checked>("TrainingJobService/ValidateTrainingConfig", {
        ...request,
        measure: true,
      });
      setMeasured({ key, checked: answer });
    } catch (error) {
      if (error instanceof CallError) setRefusal(error);
    } finally {
      setMeasuring(false);
    }
  };
  const canStart = checked?.valid === true && unreadable.size === 0 && dataset !== "";
  const submit = async () => {
    try {
      const { job } = await call<{ job: Job }>("ColorizationService/Train", {
        ...marked,
        requestId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      });
      location.hash = `#/jobs/${job.jobId}`;
    } catch (error) {
      if (error instanceof CallError) setRefusal(error);
    }
  };
  const shownTopics = topicsOf(options).map(({ name: topic, members }) => ({
    topic,
    members: members.filter((option) => {
      const text = `${optionName(option.name)} ${option.help}`.toLowerCase();
      return text.includes(search.toLowerCase()) &&
        (!isChangedOnly || given[option.name] !== undefined);
    }),
    changed: members.filter(({ name }) => given[name] !== undefined).length,
    wrong: members.filter(({ name }) => problems.has(name)).length,
  }));
  const recipes = options.find(({ name }) => name === "recipe");
  return (
    <>
      <form
        class="new-job"
        onSubmit={(event) => {
          event.preventDefault();
          if (canStart) void submit();
        }}
      >
        <div class="page-head">
          <a class="back" href="#/">
            <Icon name="left" /> Jobs
          </a>
          <h1>New job</h1>
          {from !== undefined && (
            <span class="soft">
              {resume !== undefined
                ? `resumes ${from} from step ${whole(resume)}`
                : start !== undefined
                ? `starts with the weights of ${from}, step ${whole(start)}`
                : `with the options of ${from}`}
            </span>
          )}
          <span class="spacer" />
          <input
            id="option-display_name"
            aria-invalid={problems.has("display_name")}
            aria-label="Name of the job"
            placeholder="Name"
            maxLength={200}
            value={name}
            onInput={({ currentTarget }) => {
              setName(currentTarget.value);
              setRefusal(undefined);
            }}
          />
          <input
            id="option-labels"
            aria-invalid={problems.has("labels")}
            aria-label="Labels, such as set=baseline, quick"
            placeholder="Labels: set=baseline"
            value={labels}
            onInput={({ currentTarget }) => {
              setLabels(currentTarget.value);
              setRefusal(undefined);
            }}
          />
        </div>
        {["display_name", "labels"].filter((field) => problems.has(field)).map((field) => (
          <p class="problem" role="alert" key={field}>
            {field === "labels" ? "Labels" : "The name"} {problems.get(field)}.
          </p>
        ))}
        {recipes && (
          <RecipeChoice
            {...{ recipes, recipe, from }}
            onChange={(choice) =>
              change("recipe", choice === recipes.defaultValue ? undefined : choice)}
          />
        )}
        <div class="new-job-columns">
          <nav class="topics" aria-label="Options by topic">
            {shownTopics.map(({ topic, changed, wrong }) => (
              <button
                type="button"
                key={topic}
                onClick={() => document.getElementById(idOf(topic))?.scrollIntoView()}
              >
                <span>{topic}</span>
                {changed > 0 && <span class="count">{changed}</span>}
                {wrong > 0 && <span class="wrong">◆ {wrong} wrong</span>}
              </button>
            ))}
            <Toggle label="only changed" checked={isChangedOnly} onChange={setChangedOnly} />
          </nav>
          <div class="column">
            <DatasetChoice
              {...{ dataset, datasets }}
              problem={problems.get("dataset")}
              onChoose={setDataset}
            />
            <input
              type="search"
              class="option-search"
              placeholder="Find an option"
              aria-label="Find an option"
              value={search}
              onInput={({ currentTarget }) => setSearch(currentTarget.value)}
            />
            {resume !== undefined && (
              <Note kind="warning">
                A resumed run keeps the other's options; only its length and what it shows may
                change.
              </Note>
            )}
            {shownTopics.filter(({ members }) => members.length > 0).map(({ topic, members }) => (
              <section class="card" id={idOf(topic)} key={topic} aria-label={topic}>
                <header class="card-head">
                  <h2>{topic}</h2>
                </header>
                {members.map((option) => (
                  <OptionRow
                    key={option.name}
                    option={option}
                    value={given[option.name]}
                    usual={usualOf(option)}
                    problem={problems.get(option.name)}
                    onChange={(value) => change(option.name, value)}
                  />
                ))}
              </section>
            ))}
          </div>
          <aside class="preflight-place">
            <Preflight
              checked={checked}
              measured={measured?.checked}
              isStale={measured !== undefined && measured.key !== key}
              isMeasuring={isMeasuring}
              canMeasure={canStart}
              onMeasure={() => void measure()}
            />
            <div class="card pad stack">
              {refusal && <Note kind="error">{refusal.message}</Note>}
              {problems.size > 0 && (
                <Note kind="error">
                  <b>{problems.size} {problems.size === 1 ? "option is" : "options are"} wrong:</b>
                  {" "}
                  {[...problems.keys()].map((field) => (
                    <a
                      key={field}
                      href={`#option-${field}`}
                      onClick={(event) => {
                        event.preventDefault();
                        document.getElementById(`option-${field}`)?.focus();
                      }}
                    >
                      {optionName(field)}
                      {" "}
                    </a>
                  ))}
                  Training cannot begin.
                </Note>
              )}
              <button type="submit" class="button primary wide" disabled={!canStart}>Start</button>
              <button
                type="button"
                class="button wide"
                disabled={!canStart || start !== undefined || resume !== undefined}
                onClick={() => setSweep(true)}
              >
                As a sweep…
              </button>
              <CommandLine text={commandOf(dataset, options, given)} />
            </div>
          </aside>
        </div>
      </form>
      {isSweep && (
        <SweepForm
          {...{ dataset, config, name, options }}
          hasLabels={labels.trim() !== ""}
          onClose={() => setSweep(false)}
        />
      )}
    </>
  );
}

function idOf(topic: string): string {
  return `topic-${topic.toLowerCase().replace(/\W+/g, "-")}`;
}
