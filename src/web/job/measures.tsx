import { Chart, type Mark } from "../../web_parts/charts/chart.tsx";
import { measures } from "../../web_parts/charts/measures.ts";
import type { Validation } from "../../web_parts/contract/messages.ts";
import type { JobLive } from "../../web_parts/live/job_live.ts";
import { figure, fixed, num } from "../../web_parts/words.ts";
import { looks } from "./quantity_looks.ts";

/** Small charts below: each measure with the gray picture's value, and the rates. */
export function Measures({ live, x, placeOf, shared }: {
  live: JobLive;
  /** Where each point of the losses is. */
  x: readonly number[];
  /** Where a step is. */
  placeOf: (step: number) => number;
  /** What they share with the charts above. */
  shared: {
    readonly range: readonly [number, number] | undefined;
    readonly marks: readonly Mark[];
    readonly pin: number | undefined;
    readonly nameX: (x: number) => string;
  };
}) {
  const last = live.validations.at(-1);
  const of = (key: keyof Validation) =>
    live.validations.map((each) => each[key] === undefined ? null : Number(each[key]));
  const { curves } = live;
  const rates = (["lr_g", "lr_d"] as const).flatMap((name) => {
    const column = curves.columns.get(name);
    const look = looks[name];
    return column && look ? [{ label: look.short, ...look, values: column.mean }] : [];
  });
  return (
    <div class="measures">
      {live.validations.length > 0 &&
        measures.map(({ key, title, better, grayKey, decimals }) => ({
          ...{ key, title, better, decimals },
          gray: grayKey === undefined ? 0 : last?.[grayKey],
        })).map(({ key, title, better, gray, decimals }) => (
          <div class="measure" key={key}>
            <h3>
              {title} <b>{fixed(last?.[key], decimals)}</b>
            </h3>
            <p>{better} is better{gray === undefined ? "" : ` · gray ${fixed(gray, decimals)}`}</p>
            <Chart
              {...shared}
              title={title}
              x={live.validations.map(({ step }) => placeOf(num(step)))}
              lines={[{ label: title, short: title, color: "--s1", values: of(key) }]}
              height={120}
              isSmall
              reference={gray === undefined || key === "colorfulnessRatio"
                ? { value: key === "colorfulnessRatio" ? 1 : NaN, text: "" }
                : { value: gray, text: "gray" }}
            />
          </div>
        ))}
      {rates.length > 0 && (
        <div class="measure">
          <h3>
            Learning rates <b>{figure(curves.newest("lr_g"))}</b>
          </h3>
          <p>lrD {figure(curves.newest("lr_d"))}</p>
          <Chart
            {...shared}
            title="Learning rates"
            x={x}
            lines={rates.map((rate) => ({ ...rate }))}
            height={120}
            isSmall
          />
        </div>
      )}
    </div>
  );
}
