-- name: insert_event
-- All at once: each round trip would cost as much as all of them.
INSERT INTO events (job, sequence, kind, attempt, time_ms, payload)
SELECT job, sequence, kind, attempt, time_ms, payload::json
FROM json_to_recordset(:rows::json) AS given (
  job bigint, sequence bigint, kind text, attempt integer, time_ms bigint, payload text
);

-- name: select_newest_validation
SELECT sequence, kind, attempt, time_ms, payload FROM events
WHERE job = :job AND kind = 'validation' AND sequence <= :to_sequence
ORDER BY sequence DESC
LIMIT 1;

-- name: delete_first_events
DELETE FROM events
WHERE job = :job
  AND sequence < (SELECT min(sequence) FROM events WHERE job = :job) + :count
RETURNING sequence;

-- name: upsert_checkpoint
-- A worker that resumes from an older checkpoint writes the later steps again.
INSERT INTO checkpoints (job, step, epoch, path, size_bytes, best, sequence, created_at_ms)
SELECT job, step, epoch, path, size_bytes, best, sequence, now_ms
FROM json_to_recordset(:rows::json) AS given (
  job bigint, step bigint, epoch double precision, path text, size_bytes bigint, best integer,
  sequence bigint, now_ms bigint
)
ON CONFLICT (job, step) DO UPDATE SET
  epoch = excluded.epoch,
  path = excluded.path,
  size_bytes = excluded.size_bytes,
  best = excluded.best,
  sequence = excluded.sequence,
  created_at_ms = excluded.created_at_ms;

-- name: delete_checkpoints
DELETE FROM checkpoints
WHERE job = :job AND step IN (SELECT json_array_elements_text(:steps::json)::bigint);
