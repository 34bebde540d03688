-- name: hold_lease
-- Its holder renews it, also late, as long as nobody took it; another takes it when it is over.
INSERT INTO leases (name, holder, epoch, expires_at_ms)
VALUES (:name, :holder, 1, lease_now(:now_ms::bigint) + :duration_ms::bigint)
ON CONFLICT (name) DO UPDATE SET
  epoch = leases.epoch + (leases.holder <> excluded.holder)::integer,
  holder = excluded.holder,
  expires_at_ms = excluded.expires_at_ms
WHERE leases.holder = excluded.holder OR leases.expires_at_ms <= lease_now(:now_ms::bigint)
RETURNING epoch;

-- name: release_lease
UPDATE leases SET expires_at_ms = least(expires_at_ms, lease_now(:now_ms::bigint))
WHERE name = :name AND holder = :holder;

-- name: end_leases
UPDATE leases SET expires_at_ms = least(expires_at_ms, lease_now(:now_ms::bigint))
WHERE holder = :holder;

-- name: select_leases
SELECT name, holder FROM leases
WHERE starts_with(name, :prefix) AND expires_at_ms > lease_now(:now_ms::bigint)
ORDER BY name;
