import { useState } from "preact/hooks";
import { LineSample } from "../../web_parts/charts/looks.tsx";
import { costOf, measures } from "../../web_parts/charts/measures.ts";
import type { Capabilities } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Toggle } from "../../web_parts/parts/controls.tsx";
import { figure, fixed, optionName, whole } from "../../web_parts/words.ts";
import { optionWord } from "../../web_parts/option_words.ts";
import { newestOf, type ShownLine } from "../../web_parts/compare/shown_line.ts";

/** A row: a text for each job, and which of them stand out. */
interface Row {
  readonly name: string;
  readonly isCode: boolean;
  readonly texts: readonly string[];
  readonly strong: readonly boolean[];
}

/** What differs between the jobs' options, and what they came to. */
export function DifferencesCard({ lines }: { lines: readonly ShownLine[] }) {
  const { value } = useAnswer<Capabilities>("TrainingJobService/GetCapabilities");
  const [isShort, setShort] = useState(true);
  const options = (value?.trainingOptions ?? []).map((option): Row => {
    const name = optionName(option.name);
    const texts = lines.map((line) => {
      const job = newestOf(line)?.job;
      return job ? optionWord(job.config?.[name]) || optionWord(option.defaultValue) : "–";
    });
    return { name, isCode: true, texts, strong: oddOnes(texts) };
  });
  const differing = options.filter(({ texts }) =>
    new Set(texts.filter((text) => text !== "–")).size > 1
  );
  const results = resultsOf(lines);
  const part = (title: string, rows: readonly Row[]) => (
    <tbody>
      <tr>
        <th class="part" colSpan={lines.length + 1} scope="rowgroup">{title}</th>
      </tr>
      {rows.map(({ name, isCode, texts, strong }) => (
        <tr key={name}>
          <th scope="row">{isCode ? <code>{name}</code> : name}</th>
          {texts.map((text, at) => (
            <td key={lines[at]?.id} class="number">
              {strong[at] ? <b>{text}</b> : text}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
  return (
    <section class="card" aria-labelledby="differences">
      <header class="card-head">
        <h2 id="differences">What differs</h2>
        <span class="soft">{differing.length} of {options.length} options</span>
        <span class="spacer" />
        <Toggle label="differences only" checked={isShort} onChange={setShort} />
      </header>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="What differs, as a table">
        <table class="compact differences">
          <thead>
            <tr>
              <th>Option</th>
              {lines.map((line) => (
                <th key={line.id} class="number" scope="col">
                  <LineSample look={line.look} /> {line.name}
                </th>
              ))}
            </tr>
          </thead>
          {part(
            isShort && differing.length === 0
              ? "No option differs"
              : isShort
              ? "Options that differ"
              : "All options",
            isShort ? differing : options,
          )}
          {part("Newest values; the best measures are bold", results)}
        </table>
      </div>
    </section>
  );
}

/** Which texts are not what most of them are. */
function oddOnes(texts: readonly string[]): boolean[] {
  const count = (text: string) => texts.filter((each) => each === text).length;
  const most = Math.max(...texts.map(count));
  return texts.map((text) => most > 1 && count(text) < most);
}

function resultsOf(lines: readonly ShownLine[]): Row[] {
  const lives = lines.map((line) => newestOf(line)?.live);
  const measured = measures.map(({ key, title, better, decimals }): Row => {
    const values = lives.map((live) => live?.validations.at(-1)?.[key]);
    const cost = values.map((value) => value === undefined ? Infinity : costOf(better, value));
    const least = Math.min(...cost);
    const hasBest = lines.length > 1 && Number.isFinite(least);
    return {
      name: better === "near 1" ? `${title} ratio` : title,
      isCode: false,
      texts: values.map((value) => fixed(value, decimals)),
      strong: cost.map((each) => hasBest && each === least),
    };
  });
  const plain = (name: string, texts: readonly string[]): Row => ({
    name,
    isCode: false,
    texts,
    strong: [],
  });
  return [
    ...measured,
    plain("loss_G_L1", lives.map((live) => figure(live?.curves.newest("loss_g_l1")))),
    plain("images/s", lives.map((live) => figure(live?.curves.newest("images_per_second")))),
    plain("Step", lives.map((live) => whole(live?.curves.steps.at(-1)))),
  ];
}
