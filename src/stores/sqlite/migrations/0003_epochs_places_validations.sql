-- Epochs are passes over the photos with the part of the one under way.
CREATE TABLE new_checkpoints (
  job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  epoch REAL NOT NULL CHECK (epoch >= 0),
  path TEXT NOT NULL CHECK (path <> '' AND path NOT LIKE '/%'),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  best INTEGER NOT NULL CHECK (best IN (0, 1)),
  sequence INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (job, step)
) STRICT, WITHOUT ROWID;

INSERT INTO new_checkpoints SELECT * FROM checkpoints;
DROP TABLE checkpoints;
ALTER TABLE new_checkpoints RENAME TO checkpoints;

-- Validations lie far apart among the losses; kinds that are frequent are found without an index.
CREATE INDEX events_validations ON events (job, sequence) WHERE kind = 'validation';

-- The jobs, those that wait with their place in the queue, from 1.
CREATE VIEW placed_jobs AS
SELECT
  *,
  iif(
    state = 'QUEUED',
    (
      SELECT count(*) FROM jobs AS ahead
      WHERE ahead.state = 'QUEUED' AND ahead.queue_position <= jobs.queue_position
    ),
    NULL
  ) AS queue_place
FROM jobs;
