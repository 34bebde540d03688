import assert from "assert";
import { DatabaseSync } from "node:sqlite";

/**
 * Fails unless a database is sound and every job's events are whole: numbered from 1 without gaps up
 * to the job's `last_sequence`, the last state event naming the state that the job is in.
 */
export function checkDatabase(path: string): void {
  using database = new DatabaseSync(path);
  const all = (sql: string) => database.prepare(sql).all();
  assert.deepEqual(all("PRAGMA integrity_check").map((row) => row["integrity_check"]), ["ok"]);
  assert.deepEqual(all("PRAGMA foreign_key_check"), []);
  const broken = all(`
    SELECT id, state, last_sequence,
      (SELECT count(*) FROM events WHERE job = number) AS event_count,
      (SELECT max(sequence) FROM events WHERE job = number) AS last_event,
      (SELECT payload ->> 'to' FROM events
        WHERE job = number AND kind = 'state' ORDER BY sequence DESC LIMIT 1) AS told_state
    FROM jobs
    WHERE deleted = 0
      AND (event_count <> last_sequence OR last_event <> last_sequence OR told_state <> state)
  `);
  assert.deepEqual(broken, []);
  const halves = all(`
    SELECT job, step FROM checkpoints JOIN jobs ON job = number
    WHERE deleted = 0 AND NOT EXISTS (
      SELECT 1 FROM events
      WHERE events.job = checkpoints.job AND events.sequence = checkpoints.sequence
        AND kind = 'checkpoint'
    )
  `);
  assert.deepEqual(halves, [], "checkpoints without their event");
}
