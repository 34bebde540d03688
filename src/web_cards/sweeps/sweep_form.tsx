import { useState } from "preact/hooks";
import { call, CallError } from "../../web_parts/contract/calls.ts";
import type { Option, Sweep } from "../../web_parts/contract/messages.ts";
import { Note, Segmented, Toggle } from "../../web_parts/parts/controls.tsx";
import { Dialog } from "../../web_parts/parts/dialog.tsx";
import { optionWord } from "../../web_parts/option_words.ts";
import { optionName } from "../../web_parts/words.ts";
import { readDomain } from "./read_domain.ts";
import { sweepMetrics } from "./sweep_metrics.ts";

/** An option that differs between trials, as it was typed. */
interface Row {
  readonly option: string;
  readonly text: string;
}

/** Starts a search over options; what a job's form says is the same for all its trials. */
export function SweepForm({ dataset, config, name: jobName, hasLabels, options, onClose }: {
  dataset: string;
  config: Readonly<Record<string, string | number | boolean>>;
  name: string;
  /** Whether the form gives labels, which trials do not take. */
  hasLabels: boolean;
  options: readonly Option[];
  onClose: () => void;
}) {
  const [name, setName] = useState(jobName);
  const [method, setMethod] = useState<"RANDOM" | "GRID">("RANDOM");
  const [rows, setRows] = useState<readonly Row[]>([{
    option: "lr_g",
    text: "0.0001 to 0.002 log",
  }]);
  const [numbers, setNumbers] = useState({ trials: "12", seed: "0", first: "200", last: "2000" });
  const [metric, setMetric] = useState<string>(sweepMetrics[0][0]);
  const [isHalving, setHalving] = useState(false);
  const [refusal, setRefusal] = useState<CallError>();
  const [unread, setUnread] = useState<ReadonlyMap<number, string>>(new Map());
  const [isSent, setSent] = useState(false);
  const change = (index: number, row: Row) =>
    setRows(rows.map((each, at) => at === index ? row : each));
  const field = (key: keyof typeof numbers, label: string) => (
    <label class="field">
      {label}
      <input
        type="number"
        min={0}
        value={numbers[key]}
        onInput={({ currentTarget }) => setNumbers({ ...numbers, [key]: currentTarget.value })}
      />
    </label>
  );
  const submit = async () => {
    const wrong = new Map<number, string>();
    const parameters = rows.flatMap(({ option, text }, index) => {
      const known = options.find((each) => each.name === option);
      const domain = known ? readDomain(text, known) : "is no option";
      if (typeof domain !== "string") return [{ option, ...domain }];
      wrong.set(index, domain);
      return [];
    });
    setUnread(wrong);
    setRefusal(undefined);
    if (wrong.size > 0) return;
    const searched = new Set(rows.map(({ option }) => optionName(option)));
    if (isHalving) ["maxSteps", "epochs"].forEach((each) => searched.add(each));
    const spec = {
      dataset,
      config: Object.fromEntries(Object.entries(config).filter(([key]) => !searched.has(key))),
      method: `SWEEP_METHOD_${method}`,
      parameters,
      metric,
      seed: Number(numbers.seed),
      ...(method === "RANDOM" && { trials: Number(numbers.trials) }),
      ...(isHalving &&
        { halving: { minSteps: Number(numbers.first), maxSteps: Number(numbers.last) } }),
    };
    setSent(true);
    try {
      const request = { spec, displayName: name };
      const { sweep } = await call<{ sweep: Sweep }>("SweepService/CreateSweep", request);
      location.hash = `#/compare?sweep=${encodeURIComponent(sweep.sweepId)}`;
    } catch (error) {
      if (error instanceof CallError) setRefusal(error);
    } finally {
      setSent(false);
    }
  };
  const problemOf = (index: number) =>
    unread.get(index) ?? refusal?.violations
      .filter(({ field }) => field.startsWith(`spec.parameters[${index}]`))
      .map(({ description }) => description).join("; ");
  return (
    <Dialog title="As a sweep" onClose={onClose}>
      <form
        class="stack sweep-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p class="soft">
          Trials on <b>{dataset}</b>, with the options of this form; those below differ.
          {hasLabels && " Each trial is labelled sweep and trial; the form's labels are left out."}
        </p>
        <label class="field">
          Name
          <input
            maxLength={200}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <Segmented
          label="How values are chosen"
          value={method}
          choices={[{ value: "RANDOM", text: "Random search" }, { value: "GRID", text: "Grid" }]}
          onChange={setMethod}
        />
        {rows.map((row, index) => {
          const problem = problemOf(index);
          return (
            <div class="sweep-row" key={index}>
              <select
                aria-label={`Option ${index + 1}`}
                value={row.option}
                onChange={({ currentTarget }) => {
                  const known = options.find((each) => each.name === currentTarget.value);
                  change(index, { option: currentTarget.value, text: known ? example(known) : "" });
                }}
              >
                {options.map((option) => (
                  <option key={option.name} value={option.name}>{optionName(option.name)}</option>
                ))}
              </select>
              <input
                aria-label={`Values or range of ${optionName(row.option)}`}
                aria-invalid={Boolean(problem)}
                value={row.text}
                onInput={({ currentTarget }) =>
                  change(index, { ...row, text: currentTarget.value })}
              />
              <button
                type="button"
                class="quiet"
                disabled={rows.length === 1}
                onClick={() => setRows(rows.filter((_, at) => at !== index))}
              >
                Remove
              </button>
              {problem && <p class="problem" role="alert">{optionName(row.option)} {problem}</p>}
            </div>
          );
        })}
        <p class="soft">
          Values: 8, 16, 32. A range: 0.0001 to 0.01 log
          {method === "GRID" ? ", for a grid with its points: 0.0001 to 0.01 log in 5." : "."}
        </p>
        <button
          type="button"
          class="button"
          onClick={() => {
            const next = options.find(({ name }) => !rows.some(({ option }) => option === name));
            if (next) setRows([...rows, { option: next.name, text: example(next) }]);
          }}
        >
          Add an option
        </button>
        <label class="field">
          Trials are compared by
          <select
            value={metric}
            onChange={({ currentTarget }) => setMetric(currentTarget.value)}
          >
            {sweepMetrics.map(([key, words]) => <option key={key} value={key}>{words}</option>)}
          </select>
        </label>
        <div class="sweep-numbers">
          {method === "RANDOM" && field("trials", "Trials")}
          {field("seed", "Seed")}
        </div>
        <Toggle
          label="stop bad trials early (successive halving)"
          checked={isHalving}
          onChange={setHalving}
        />
        {isHalving && (
          <div class="sweep-numbers">
            {field("first", "Steps of the first rung")}
            {field("last", "Steps of the last rung")}
          </div>
        )}
        {refusal && <Note kind="error">{refusal.message}</Note>}
        <button type="submit" class="button primary wide" disabled={isSent || dataset === ""}>
          Start the sweep
        </button>
      </form>
    </Dialog>
  );
}

/** What to begin with. */
function example({ kind, choices = [], defaultValue }: Option): string {
  if (kind === "OPTION_KIND_BOOLEAN") return "true, false";
  return kind === "OPTION_KIND_CHOICE" ? choices.map(optionWord).join(", ") : defaultValue;
}
