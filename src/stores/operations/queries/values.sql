-- name: select_value
SELECT value FROM server_values WHERE key = :key;

-- name: upsert_value
INSERT INTO server_values (key, value, updated_at_ms) VALUES (:key, :value, :now_ms)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms;

-- name: delete_value
DELETE FROM server_values WHERE key = :key;
