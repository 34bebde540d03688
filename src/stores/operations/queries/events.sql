-- name: select_events
SELECT sequence, kind, attempt, time_ms, payload FROM events
WHERE job = :job AND sequence >= :from_sequence
ORDER BY sequence
LIMIT :limit;

-- name: select_newest_event
SELECT sequence, kind, attempt, time_ms, payload FROM events
WHERE job = :job AND kind = :kind AND sequence <= :to_sequence
ORDER BY sequence DESC
LIMIT 1;

-- name: select_checkpoints
SELECT * FROM checkpoints WHERE job = :job ORDER BY step;
