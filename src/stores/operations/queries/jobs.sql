-- name: select_job
SELECT * FROM placed_jobs WHERE id = :id;

-- name: select_job_by_request
SELECT * FROM placed_jobs WHERE request_id = :request_id;

-- name: count_queued
SELECT count(*) AS queued FROM jobs WHERE state = 'QUEUED';

-- name: select_slot_holder
SELECT * FROM placed_jobs WHERE owner = :owner AND slot = :slot;

-- name: select_held_jobs
-- By the index of slots: every renewal of a lease asks.
SELECT id, state, attempt, epoch FROM jobs WHERE owner = :owner AND slot IS NOT NULL;

-- name: update_last_sequence
UPDATE jobs SET last_sequence = last_sequence + :count, last_number = :last_number
WHERE id = :id AND state = :expected_state AND epoch = :expected_epoch
RETURNING last_sequence;

-- name: mark_job_deleted
UPDATE jobs
SET deleted = 1, id = '(deleted) ' || number, request_id = NULL, request_hash = NULL
WHERE id = :id AND state = :expected_state
RETURNING id;

-- name: delete_job
DELETE FROM jobs WHERE number = :number;
