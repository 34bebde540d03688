-- name: next_model_version
INSERT INTO model_names (name, last_version) VALUES (:name, 1)
ON CONFLICT (name) DO UPDATE SET last_version = model_names.last_version + 1
RETURNING last_version;

-- name: insert_model
INSERT INTO models (name, version, job_id, step, path, size_bytes, details, created_at_ms)
VALUES (:name, :version, :job_id, :step, :path, :size_bytes, :details, :now_ms)
RETURNING *;

-- name: select_model
SELECT * FROM models
WHERE name = :name AND version = coalesce(:version, version)
ORDER BY version DESC
LIMIT 1;

-- name: select_models_at
SELECT * FROM models WHERE path = :path ORDER BY version DESC;

-- name: select_models
SELECT * FROM models
WHERE name > :after_name
  AND version = (SELECT max(version) FROM models AS other WHERE other.name = models.name)
ORDER BY name
LIMIT :limit;

-- name: delete_models
DELETE FROM models WHERE name = :name RETURNING *;
