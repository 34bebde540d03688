import { type Measurement, median } from "./comparison.ts";

/** A way to compute, and what was measured of it. */
export interface Setting {
  readonly name: string;
  readonly program: "tinct" | "pytorch";
  /** What the program is told. */
  readonly args: readonly string[];
  readonly measurements: readonly Measurement[];
  /** Why something was not measured; undefined: everything was. */
  readonly failure: string | undefined;
}

/**
 * The medians in Markdown: a row a setting; for each batch a step in milliseconds and the photos
 * that are trained on a second, and the same of the pictures that are made.
 *
 * @param place the device with its driver.
 */
export function deviceTable(
  place: string,
  batches: readonly number[],
  settings: readonly Setting[],
): string {
  const kinds = [["train_step", "step"], ["inference", "image"]] as const;
  const columns = kinds.flatMap(([kind, word]) => batches.map((batch) => ({ kind, word, batch })));
  const head = ["", ...columns.map(({ word, batch }) => `${word}, batch ${batch}`)];
  const rows = settings.map(({ name, measurements }) => [
    name,
    ...columns.map(({ kind, batch }) => {
      const found = measurements.find((each) => each.name === kind && each.batch === batch);
      if (!found) return "-";
      const ms = median(found.ms);
      return `${toThree(ms)} ms, ${toThree(1000 * batch / ms)}/s`;
    }),
  ]);
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  const failures = settings.flatMap(({ name, failure }) =>
    failure ? [`- ${name}, ${failure}`] : []
  );
  return [`${place}:`, "", ...lines, ...failures.length > 0 ? ["", ...failures] : []].join("\n");
}

function toThree(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
