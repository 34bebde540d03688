import { useEffect, useState } from "preact/hooks";
import { Note } from "../../web_parts/parts/controls.tsx";
import { bytes, figure, fixed, num, secondsOf, span, whole } from "../../web_parts/words.ts";
import { disagreement } from "../../web_parts/pictures/palette.ts";
import { type Attempt, castOf, VISIBLE_CAST } from "./photos.ts";

/** Mean distance in a*b* from which on two results are told to differ. */
const APART = 8;

/** What a model's result cost, and what is doubtful in it. */
export function Findings({ title, attempt, onRetry }: {
  title: string;
  attempt: Attempt;
  onRetry: () => void;
}) {
  const { result, problem, state } = attempt;
  return (
    <section class="stack" aria-label={`What ${title} made`}>
      {state === "failed" && (
        <Note kind="error">
          {problem} <button type="button" class="link" onClick={onRetry}>Try again</button>
        </Note>
      )}
      {!result
        ? state !== "failed" && <p class="soft" role="status">{title}: {state}</p>
        : <Costs title={title} result={result} />}
    </section>
  );
}

function Costs({ title, result }: { title: string; result: NonNullable<Attempt["result"]> }) {
  const { answer: { width, height, timings = {}, colors, model, pagesLeftOut, device }, remark } =
    result;
  const time = (part: string) => span(secondsOf(String(timings[part] ?? "0s")));
  const step = model?.checkpoint?.step;
  const cast = castOf(result);
  return (
    <>
      <p class="soft" role="status">
        <b>{title}</b> {model?.version !== undefined && `version ${model.version} · `}
        {step !== undefined && `step ${whole(step)} · `}
        {model?.weights === "GENERATOR_WEIGHTS_EMA" && "moving average · "}
        {width} × {height} · {bytes(result.blob.size)} · <b>{time("total")}</b>
        {device ? ` on ${device}` : ""} (queue {time("queue")}, decode {time("decode")}, model{" "}
        {time("model")}
        {num(timings["batchSize"]) > 1 && ` with ${num(timings["batchSize"]) - 1} other`}, encode
        {" "}
        {time("encode")}) · colourfulness {figure(colors?.colorfulness)}
      </p>
      {colors?.nearlyGray === true && (
        <Note kind="warning">
          <b>{title}: nearly gray.</b> Give it a hint, or another model.
        </Note>
      )}
      {cast >= VISIBLE_CAST && (
        <Note kind="warning">
          <b>{title}: what should be gray is {fixed(cast, 0)} off, to {castName(colors?.cast)}.</b>
          {" "}
          It may be a cast, or the colour of a meadow; “take off a cast” shows it without.
        </Note>
      )}
      {num(pagesLeftOut) > 0 && (
        <Note kind="warning">{pagesLeftOut} more pages of the file are left out.</Note>
      )}
      {remark !== "" && <Note kind="warning">{remark}</Note>}
    </>
  );
}

/** How far two models' results are apart. */
export function Disagreement({ one, other }: { one: Blob; other: Blob }) {
  const [apart, setApart] = useState<number>();
  useEffect(() => {
    let isOver = false;
    setApart(undefined);
    disagreement(one, other).then((value) => isOver || setApart(value), () => {});
    return () => void (isOver = true);
  }, [one, other]);
  if (apart === undefined) return null;
  return apart >= APART
    ? (
      <Note kind="warning">
        <b>The models disagree:</b> their colours are {fixed(apart, 1)} apart in a*b*, in the mean.
      </Note>
    )
    : <p class="soft">The models agree: {fixed(apart, 1)} apart in a*b*, in the mean.</p>;
}

function castName({ a = 0, b = 0 }: { readonly a?: number; readonly b?: number } = {}): string {
  const names = ["red", "orange", "yellow", "yellow-green", "green", "cyan", "blue", "magenta"];
  return names[Math.round((Math.atan2(b, a) / Math.PI * 4 + 8) % 8) % 8] ?? "";
}
