/**
 * `node:fs/promises` of a training worker, counted from where it begins to write its first checkpoint
 * to where it begins the second: see `durable_points.ts`. Files beside the checkpoints do not count,
 * since training goes on meanwhile and writes them when it likes.
 */
import { arm, disarm } from "./durable_points.ts";
import * as dying from "./dying_files.ts";

export * from "./dying_files.ts";

let saves = 0;

// An arrow function cannot have the overloads of the real one.
export const mkdir = ((...args: Parameters<typeof dying.mkdir>) => {
  if (/\/checkpoints\/\.tinct-tmp-[^/]*$/.test(String(args[0]))) {
    saves++;
    if (saves === 1) arm();
    else if (saves === 2) disarm();
  }
  return dying.mkdir(...args);
}) as typeof dying.mkdir;
