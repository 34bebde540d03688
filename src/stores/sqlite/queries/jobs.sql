-- name: insert_job
INSERT INTO jobs (
  id, state, queue_position, attempt, lost_workers, display_name, labels, dataset, config,
  origin_mode, origin_job_id, origin_step, request_id, request_hash, last_sequence,
  created_at_ms, updated_at_ms
)
VALUES (
  :id, :state, (SELECT coalesce(max(queue_position), 0) + 1 FROM jobs), 0, 0, :display_name,
  :labels, :dataset, :config, :origin_mode, :origin_job_id, :origin_step, :request_id,
  :request_hash, :last_sequence, :created_at_ms, :updated_at_ms
)
RETURNING number;

-- name: lock_job
SELECT * FROM placed_jobs WHERE id = :id;

-- name: select_jobs
SELECT * FROM placed_jobs AS jobs
WHERE number < :before_number
  AND deleted = 0
  AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:labels) AS wanted
    WHERE NOT EXISTS (
      SELECT 1 FROM json_each(jobs.labels) AS label
      WHERE label.key = wanted.key AND label.value = wanted.value
    )
  )
ORDER BY number DESC
LIMIT :limit;

-- name: select_next_queued
SELECT * FROM placed_jobs WHERE state = 'QUEUED' ORDER BY queue_position LIMIT 1;

-- name: lock_lapsed
-- The jobs that hold slots of this owner, or of one whose lease is over, as they are asked for.
SELECT * FROM placed_jobs AS jobs
WHERE slot IS NOT NULL
  AND iif(
    owner = :owner,
    :own,
    :lapsed AND NOT EXISTS (
      SELECT 1 FROM leases WHERE name = 'server/' || jobs.owner AND expires_at_ms > :now_ms
    )
  )
ORDER BY queue_position;

-- name: update_job_state
-- The guard: changes nothing unless the job is still in the state and epoch that were read.
UPDATE jobs
SET state = :state,
  queue_position = iif(
    :to_end, (SELECT coalesce(max(queue_position), 0) + 1 FROM jobs), queue_position
  ),
  slot = :slot,
  owner = :owner,
  last_number = iif(attempt = :attempt, last_number, 0),
  attempt = :attempt,
  epoch = :epoch,
  lost_workers = :lost_workers,
  failure_code = :failure_code,
  failure_message = :failure_message,
  last_sequence = last_sequence + 1,
  updated_at_ms = :updated_at_ms,
  started_at_ms = :started_at_ms,
  finished_at_ms = :finished_at_ms
WHERE id = :id AND state = :expected_state AND epoch = :expected_epoch
RETURNING number, last_sequence;

-- name: select_heir
-- A job that is not over and would have to begin anew with a checkpoint of this one.
SELECT * FROM placed_jobs AS heirs
WHERE origin_job_id = :id
  AND deleted = 0
  AND state IN (SELECT value FROM json_each(:states))
  AND NOT EXISTS (SELECT 1 FROM checkpoints WHERE checkpoints.job = heirs.number)
LIMIT 1;

-- name: select_deleted_job
SELECT number FROM jobs WHERE deleted = 1 LIMIT 1;
