-- name: hold_lease
-- Its holder renews it, also late, as long as nobody took it; another takes it when it is over.
INSERT INTO leases (name, holder, epoch, expires_at_ms)
VALUES (:name, :holder, 1, :now_ms + :duration_ms)
ON CONFLICT (name) DO UPDATE SET
  epoch = epoch + (holder <> excluded.holder),
  holder = excluded.holder,
  expires_at_ms = excluded.expires_at_ms
WHERE holder = excluded.holder OR expires_at_ms <= :now_ms
RETURNING epoch;

-- name: release_lease
UPDATE leases SET expires_at_ms = min(expires_at_ms, :now_ms)
WHERE name = :name AND holder = :holder;

-- name: end_leases
UPDATE leases SET expires_at_ms = min(expires_at_ms, :now_ms)
WHERE holder = :holder;

-- name: select_leases
SELECT name, holder FROM leases
WHERE substr(name, 1, length(:prefix)) = :prefix AND expires_at_ms > :now_ms
ORDER BY name;
