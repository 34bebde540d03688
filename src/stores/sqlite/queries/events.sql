-- name: insert_event
INSERT INTO events (job, sequence, kind, attempt, time_ms, payload)
VALUES (:job, :sequence, :kind, :attempt, :time_ms, :payload);

-- name: select_newest_validation
-- By its own index: the planner would read all events since.
SELECT sequence, kind, attempt, time_ms, payload FROM events INDEXED BY events_validations
WHERE job = :job AND kind = 'validation' AND sequence <= :to_sequence
ORDER BY sequence DESC
LIMIT 1;

-- name: delete_first_events
DELETE FROM events
WHERE job = :job
  AND sequence < (SELECT min(sequence) FROM events WHERE job = :job) + :count;

-- name: upsert_checkpoint
-- A worker that resumes from an older checkpoint writes the later steps again.
INSERT INTO checkpoints (job, step, epoch, path, size_bytes, best, sequence, created_at_ms)
VALUES (:job, :step, :epoch, :path, :size_bytes, :best, :sequence, :now_ms)
ON CONFLICT (job, step) DO UPDATE SET
  epoch = excluded.epoch,
  path = excluded.path,
  size_bytes = excluded.size_bytes,
  best = excluded.best,
  sequence = excluded.sequence,
  created_at_ms = excluded.created_at_ms;

-- name: delete_checkpoints
DELETE FROM checkpoints WHERE job = :job AND step IN (SELECT value FROM json_each(:steps));
