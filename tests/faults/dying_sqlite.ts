/** `node:sqlite`, counted where it changes the disk: see `durable_points.ts`. */
import * as real from "node:sqlite";
import { passPoint } from "./durable_points.ts";

export * from "node:sqlite";

// What lies between these two is of tests/stores/sqlite/store_crash_test.ts.
const changing = /^(BEGIN|COMMIT)\b/;

export class DatabaseSync extends real.DatabaseSync {
  override prepare(sql: string): real.StatementSync {
    const statement = super.prepare(sql);
    if (!changing.test(sql)) return statement;
    const { all, get, run } = statement;
    const counted = <F extends (...args: never[]) => unknown>(method: F): F =>
      // The very method, with a point before it.
      ((...args: Parameters<F>) => {
        passPoint(sql);
        return method.apply(statement, args);
      }) as F;
    statement.all = counted(all);
    statement.get = counted(get);
    statement.run = counted(run);
    return statement;
  }
}
