-- name: insert_sweep
INSERT INTO sweeps (
  id, state, message, display_name, spec, request_id, request_hash, created_at_ms
)
VALUES (:id, 'RUNNING', '', :display_name, :spec, :request_id, :request_hash, :now_ms)
RETURNING *;

-- name: select_sweep
SELECT * FROM sweeps WHERE id = :id;

-- name: select_sweep_by_request
SELECT * FROM sweeps WHERE request_id = :request_id;

-- name: select_sweeps
SELECT * FROM sweeps WHERE number < :before_number ORDER BY number DESC LIMIT :limit;

-- name: select_unfinished_sweeps
SELECT * FROM sweeps
WHERE state = 'RUNNING'
  OR EXISTS (SELECT 1 FROM sweep_runs WHERE sweep = sweeps.number AND outcome IS NULL)
ORDER BY number DESC;

-- name: end_sweep
-- The guard: changes nothing unless the sweep goes on.
UPDATE sweeps SET state = :state, message = :message, finished_at_ms = :now_ms
WHERE id = :id AND state = 'RUNNING'
RETURNING *;

-- name: delete_sweep
DELETE FROM sweeps WHERE id = :id;

-- name: insert_sweep_run
INSERT INTO sweep_runs (sweep, position, trial, rung, job_id)
VALUES (
  :sweep,
  (SELECT coalesce(max(position), 0) + 1 FROM sweep_runs WHERE sweep = :sweep),
  :trial, :rung, :job_id
)
ON CONFLICT (sweep, job_id) DO NOTHING;

-- name: end_sweep_run
UPDATE sweep_runs SET outcome = :outcome, value = :value, step = :step
WHERE sweep = :sweep AND job_id = :job_id;

-- name: select_sweep_runs
SELECT * FROM sweep_runs WHERE sweep = :sweep ORDER BY position;
