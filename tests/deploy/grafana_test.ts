import assert from "assert";
import { readFile } from "node:fs/promises";
import { addRunningJob, measured } from "../operating/measured_scene.ts";
import { answer } from "../service/scene.ts";

/** The parts of a dashboard that are checked. */
interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
}

const dashboard: Dashboard = JSON.parse(
  await readFile(new URL("../../deploy/grafana/tinct.json", import.meta.url), "utf8"),
);
const queries = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
];

/** The samples of a text in Prometheus's format: the labels that each name comes with. */
function labelsByName(text: string): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const known = names.get(name) ?? new Set(["instance"]); // which Prometheus adds
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    names.set(name, known);
  }
  return names;
}

Deno.test("whatever the dashboard asks Prometheus for is told by the server, with those labels", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  await addRunningJob(scene, "job-a");
  const request = { image: Buffer.from("photo"), model: { checkpoint: { jobId: "job-a" } } };
  await answer((back) => scene.colorization.colorize(request, back));
  const told = labelsByName(await metrics.text());
  const asked = new Set<string>();
  for (const query of queries) {
    const metricsOfQuery = [...query.matchAll(/\b((?:tinct|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
    assert.ok(metricsOfQuery.length > 0, query);
    const known = new Set<string>();
    for (const [, name = "", matchers = ""] of metricsOfQuery) {
      asked.add(name);
      const labels = told.get(name);
      assert.ok(labels, `${name} is not told: ${query}`);
      for (const label of labels) known.add(label);
      for (const [, label = ""] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)) {
        assert.ok(labels.has(label), `${name} has no label ${label}: ${query}`);
      }
    }
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g), ...query.matchAll(/_up, (\w+)/g)]
      .flatMap(([, list = ""]) => list.split(/,\s*/));
    for (const label of grouped) assert.ok(known.has(label), `no ${label} in ${query}`);
  }
  // And the other way round: all that is told of Tinct itself is shown.
  const base = (name: string) => name.replace(/_(?:bucket|sum|count)$/, "");
  const shown = new Set([...asked].map(base));
  const hidden = [...told.keys()].map(base).filter((name) =>
    name.startsWith("tinct_") && !shown.has(name)
  );
  assert.deepEqual(hidden, []);
});

Deno.test("the dashboard's panels have ids of their own and do not overlap", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x >= 0 && x + w <= 24, title);
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) {
        const cell = `${column} ${row}`;
        assert.equal(taken.get(cell), undefined, `${title} lies on ${taken.get(cell)}`);
        taken.set(cell, title);
      }
    }
  }
});
