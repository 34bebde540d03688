-- name: insert_dataset
INSERT INTO datasets (
  name, state, photo_count, size_bytes, gray_count, broken_count, created_at_ms, updated_at_ms,
  client
)
VALUES (:name, 'UPLOADING', 0, 0, 0, 0, :now_ms, :now_ms, :client)
RETURNING *;

-- name: count_datasets
SELECT
  count(*) AS datasets,
  count(*) FILTER (WHERE state = 'UPLOADING') AS unfinished,
  count(*) FILTER (WHERE state = 'UPLOADING' AND client = :client) AS unfinished_of_client
FROM datasets;

-- name: finish_dataset
UPDATE datasets
SET state = 'READY',
  photo_count = :photo_count,
  size_bytes = :size_bytes,
  gray_count = :gray_count,
  broken_count = :broken_count,
  report = :report,
  updated_at_ms = :now_ms
WHERE name = :name AND state = 'UPLOADING'
RETURNING *;

-- name: select_dataset
SELECT * FROM datasets WHERE name = :name;

-- name: select_datasets
-- Without their reports: one may take some 800 KiB.
SELECT
  name, state, photo_count, size_bytes, gray_count, broken_count, NULL AS report, created_at_ms,
  updated_at_ms
FROM datasets
WHERE name > :after_name ORDER BY name LIMIT :limit;

-- name: delete_dataset
DELETE FROM datasets WHERE name = :name;
