import { useState } from "preact/hooks";
import type { Capabilities, Job } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { optionName } from "../../web_parts/words.ts";
import { optionWord } from "../../web_parts/option_words.ts";

/** The options of a job, first those that differ from the defaults. */
export function ConfigCard({ job }: { job: Job }) {
  const { value } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const [shown, setShown] = useState<"differing" | "all">("differing");
  const [search, setSearch] = useState("");
  const { config = {} } = job;
  const rows = (value?.trainingOptions ?? []).map((option) => {
    const name = optionName(option.name);
    const word = optionWord(config[name]);
    const usual = optionWord(option.defaultValue);
    return { name, word, usual, help: option.help, differs: word !== "" && word !== usual };
  });
  const differing = rows.filter(({ differs }) => differs);
  const wanted = search.toLowerCase();
  const seen = (shown === "all" ? rows : differing).filter(({ name, help }) =>
    `${name} ${help}`.toLowerCase().includes(wanted)
  );
  const json = `data:application/json,${encodeURIComponent(JSON.stringify(config, null, 2))}`;
  return (
    <section class="card" aria-labelledby="configuration">
      <header class="card-head">
        <h2 id="configuration">Configuration</h2>
        <Segmented
          label="Options"
          value={shown}
          choices={[
            { value: "differing", text: "Differs from defaults", count: differing.length },
            { value: "all", text: "All", count: rows.length },
          ]}
          onChange={setShown}
        />
        <span class="spacer" />
        <input
          type="search"
          placeholder="Find an option"
          aria-label="Find an option"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <a class="button small" href={json} download={`${job.jobId}.json`}>
          <Icon name="download" /> JSON
        </a>
      </header>
      <table class="compact config">
        <thead class="unseen">
          <tr>
            <th>Option</th>
            <th>Value</th>
            <th>Default</th>
            <th>What it does</th>
          </tr>
        </thead>
        <tbody>
          {seen.map(({ name, word, usual, help, differs }) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td class="number">{word}</td>
              <td class="number">{differs && <s>{usual}</s>}</td>
              <td class="soft">{help}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {seen.length === 0 && <p class="pad soft">Every option has its default.</p>}
    </section>
  );
}
