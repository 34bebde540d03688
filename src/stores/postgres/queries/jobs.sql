-- name: insert_job
INSERT INTO jobs (
  id, state, queue_position, attempt, lost_workers, display_name, labels, dataset, config,
  origin_mode, origin_job_id, origin_step, request_id, request_hash, last_sequence,
  created_at_ms, updated_at_ms
)
VALUES (
  :id, :state, nextval('queue_positions'), 0, 0, :display_name,
  :labels, :dataset, :config, :origin_mode, :origin_job_id, :origin_step, :request_id,
  :request_hash, :last_sequence, :created_at_ms, :updated_at_ms
)
RETURNING number;

-- name: lock_job
-- Its events refer to it, and may be written meanwhile by the transaction that holds it alone.
SELECT *, place_in_queue(state, queue_position) AS queue_place FROM jobs WHERE id = :id
FOR NO KEY UPDATE;

-- name: select_jobs
SELECT * FROM placed_jobs AS jobs
WHERE number < :before_number
  AND deleted = 0
  AND (:states::text IS NULL OR state IN (SELECT json_array_elements_text(:states::json)))
  AND NOT EXISTS (
    SELECT 1 FROM json_each_text(:labels::json) AS wanted
    WHERE NOT EXISTS (
      SELECT 1 FROM json_each_text(jobs.labels) AS label
      WHERE label.key = wanted.key AND label.value = wanted.value
    )
  )
ORDER BY number DESC
LIMIT :limit;

-- name: select_next_queued
-- One that somebody else changes at this moment is left to the next look.
SELECT *, place_in_queue(state, queue_position) AS queue_place FROM jobs
WHERE state = 'QUEUED'
ORDER BY queue_position
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_lapsed
-- The jobs that hold slots of this owner, or of one whose lease is over, as they are asked for.
SELECT *, place_in_queue(state, queue_position) AS queue_place FROM jobs
WHERE slot IS NOT NULL
  AND CASE
    WHEN owner = :owner THEN :own::integer = 1
    ELSE :lapsed::integer = 1 AND NOT EXISTS (
      SELECT 1 FROM leases
      WHERE name = 'server/' || jobs.owner AND expires_at_ms > lease_now(:now_ms::bigint)
    )
  END
ORDER BY queue_position
FOR NO KEY UPDATE SKIP LOCKED;

-- name: update_job_state
-- The guard: changes nothing unless the job is still in the state and epoch that were read.
UPDATE jobs
SET state = :state,
  queue_position = CASE
    WHEN :to_end::integer = 1 THEN nextval('queue_positions') ELSE queue_position
  END,
  slot = :slot,
  owner = :owner,
  last_number = CASE WHEN attempt = :attempt::integer THEN last_number ELSE 0 END,
  attempt = :attempt::integer,
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
  AND state IN (SELECT json_array_elements_text(:states::json))
  AND NOT EXISTS (SELECT 1 FROM checkpoints WHERE checkpoints.job = heirs.number)
LIMIT 1;

-- name: select_deleted_job
SELECT number FROM jobs WHERE deleted = 1 LIMIT 1 FOR UPDATE SKIP LOCKED;
