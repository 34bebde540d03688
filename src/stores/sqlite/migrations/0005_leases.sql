-- Who has a job. The epoch counts how often it was given or taken; it fences off who had it before.
ALTER TABLE jobs ADD COLUMN owner TEXT CHECK (owner <> '');
ALTER TABLE jobs ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0);
-- The highest number that the attempt has appended an event with, so that a repeat is left out.
ALTER TABLE jobs ADD COLUMN last_number INTEGER NOT NULL DEFAULT 0 CHECK (last_number >= 0);

-- Until now a data folder had one server; jobs that are over do not change.
UPDATE jobs SET owner = iif(slot IS NULL, NULL, 'local'), epoch = attempt
WHERE state NOT IN ('CANCELLED', 'SUCCEEDED', 'FAILED');

CREATE TRIGGER jobs_slots_have_owners BEFORE UPDATE ON jobs
WHEN (NEW.owner IS NULL) <> (NEW.slot IS NULL)
BEGIN
  SELECT raise(ABORT, 'a slot has an owner');
END;

-- A device slot of a server has one job.
DROP INDEX jobs_by_slot;
CREATE UNIQUE INDEX jobs_by_slot ON jobs (owner, slot) WHERE slot IS NOT NULL;

-- What one server at a time may do, until a time. Rows stay, so that the epoch rises for ever.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  holder TEXT NOT NULL CHECK (holder <> ''),
  epoch INTEGER NOT NULL CHECK (epoch > 0),
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
