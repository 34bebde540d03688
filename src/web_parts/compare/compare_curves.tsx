import { useEffect, useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/chart.tsx";
import { CurveControls, useCurveView } from "../charts/curve_view.tsx";
import { measures } from "../charts/measures.ts";
import { lossTrack, measureTrack, overlaid } from "../charts/tracks.ts";
import { quantities, type Quantity } from "../live/curves.ts";
import { setQuery, useRoute } from "../parts/use_route.ts";
import { fixed } from "../words.ts";
import { shortName, type ShownLine } from "./shown_line.ts";

/** One loss and one measure of all jobs over one another. */
export function CompareCurves({ lines, version }: {
  lines: readonly ShownLine[];
  version: number;
}) {
  const { query } = useRoute();
  const view = useCurveView();
  const [pin, setPin] = useState<number>();
  const { axis, weight } = view;
  useEffect(() => setPin(undefined), [axis]);
  const quantity = (query.get("loss") ?? "loss_g_l1") as Quantity;
  const measure = measures.find(({ key }) => key === query.get("measure")) ?? measures[0];
  const known = quantities.filter(([field]) =>
    lines.some(({ jobs }) => jobs.some(({ live }) => live.curves.columns.has(field)))
  );
  const label = quantities.find(([field]) => field === quantity)?.[2] ?? quantity;
  const key = lines.map(({ id, look }) => `${id} ${look.color} ${look.dash}`).join();
  const lossData = useMemo(() =>
    overlaid(lines.map((line) => ({
      ...line.look,
      label: line.name,
      short: shortName(line.name),
      ...lossTrack(line.jobs.map(({ live }) => live), quantity, { axis, weight }),
    }))), [key, version, axis, weight, quantity]);
  const measureData = useMemo(() =>
    overlaid(lines.map((line) => ({
      ...line.look,
      label: line.name,
      short: shortName(line.name),
      ...measureTrack(line.jobs.map(({ live }) => live), measure.key, axis),
    }))), [key, version, axis, measure.key]);
  const shared = {
    height: 230,
    range: view.range,
    onRange: view.setRange,
    nameX: view.nameX,
    pin,
    onPin: setPin,
  };
  return (
    <section class="card compare-curves" aria-labelledby="compared-curves">
      <header class="card-head">
        <h2 id="compared-curves">Curves</h2>
        <CurveControls view={view} />
      </header>
      <div class="compare-charts">
        <div class="curve">
          <h3>
            <select
              aria-label="Loss or rate"
              value={quantity}
              onChange={({ currentTarget }) => setQuery({ loss: currentTarget.value })}
            >
              {!known.some(([field]) => field === quantity) && (
                <option value={quantity}>{label}</option>
              )}
              {known.map(([field, , word]) => <option key={field} value={field}>{word}</option>)}
            </select>{" "}
            <span class="soft">
              {weight > 0 ? `smoothed ${fixed(weight, 2)}` : ""}
              {view.isLog ? ", log" : ""}
            </span>
          </h3>
          <Chart {...shared} title={label} isLog={view.isLog} {...lossData} />
        </div>
        <div class="curve">
          <h3>
            <select
              aria-label="Measure"
              value={measure.key}
              onChange={({ currentTarget }) => setQuery({ measure: currentTarget.value })}
            >
              {measures.map(({ key, title }) => <option key={key} value={key}>{title}</option>)}
            </select>{" "}
            <span class="soft">at validation, {measure.better} is better</span>
          </h3>
          <Chart {...shared} title={measure.title} hasDots {...measureData} />
        </div>
      </div>
    </section>
  );
}
