/**
 * Finds import cycles.
 *
 * @param graph for every file the files it imports; those that are no keys are ignored.
 * @returns one cycle for each set of files that import one another, as the files on it in order.
 */
export function findCycles(graph: ReadonlyMap<string, ReadonlyMap<string, number>>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    if (done.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push(path.slice(start));
      return;
    }
    path.push(file);
    for (const next of graph.get(file)?.keys() ?? []) {
      if (graph.has(next)) visit(next);
    }
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
