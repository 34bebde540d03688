-- Times are milliseconds since 1970; order never follows from them, clocks are set back.

CREATE TABLE jobs (
  -- The order of arrival; never given twice.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 64),
  state TEXT NOT NULL CHECK (
    state IN (
      'QUEUED', 'RUNNING', 'PAUSING', 'PAUSED', 'CANCELLING', 'CANCELLED', 'SUCCEEDED', 'FAILED'
    )
  ),
  -- Where it stands, or last stood, in the queue; a resumed job goes to the end.
  queue_position INTEGER NOT NULL UNIQUE CHECK (queue_position > 0),
  slot TEXT CHECK (slot <> ''),
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  lost_workers INTEGER NOT NULL CHECK (lost_workers BETWEEN 0 AND attempt),
  display_name TEXT NOT NULL,
  labels TEXT NOT NULL CHECK (json_type(labels) = 'object'),
  dataset TEXT NOT NULL CHECK (dataset <> ''),
  config TEXT NOT NULL CHECK (json_type(config) = 'object'),
  origin_mode TEXT CHECK (origin_mode IN ('resume', 'start')),
  origin_job_id TEXT,
  origin_step INTEGER CHECK (origin_step >= 0),
  request_id TEXT UNIQUE CHECK (request_id <> ''),
  request_hash TEXT,
  failure_code TEXT CHECK (failure_code <> ''),
  failure_message TEXT,
  -- The sequence number of its newest event.
  last_sequence INTEGER NOT NULL CHECK (last_sequence >= 0),
  -- 1: gone for everyone, under an id that is no name; its events are removed bit by bit.
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  CHECK ((slot IS NOT NULL) = (state IN ('RUNNING', 'PAUSING', 'CANCELLING'))),
  CHECK ((finished_at_ms IS NOT NULL) = (state IN ('CANCELLED', 'SUCCEEDED', 'FAILED'))),
  CHECK ((failure_code IS NOT NULL) = (state = 'FAILED')),
  CHECK ((failure_message IS NULL) = (failure_code IS NULL)),
  CHECK ((started_at_ms IS NULL) = (attempt = 0)),
  CHECK (attempt > 0 OR state IN ('QUEUED', 'PAUSED', 'CANCELLED')),
  CHECK (deleted = 0 OR state IN ('CANCELLED', 'SUCCEEDED', 'FAILED')),
  CHECK ((origin_mode IS NULL) = (origin_job_id IS NULL)),
  CHECK (origin_step IS NULL OR origin_mode IS NOT NULL),
  CHECK ((request_hash IS NULL) = (request_id IS NULL))
) STRICT;

-- A device slot has one job.
CREATE UNIQUE INDEX jobs_by_slot ON jobs (slot) WHERE slot IS NOT NULL;
CREATE INDEX jobs_queued ON jobs (queue_position) WHERE state = 'QUEUED';

CREATE INDEX jobs_deleted ON jobs (number) WHERE deleted = 1;

CREATE TRIGGER jobs_stay_over BEFORE UPDATE ON jobs
WHEN OLD.state IN ('CANCELLED', 'SUCCEEDED', 'FAILED') AND NEW.deleted = OLD.deleted
BEGIN
  SELECT raise(ABORT, 'a job that is over does not change');
END;

CREATE TRIGGER jobs_are_marked_first BEFORE DELETE ON jobs WHEN OLD.deleted = 0
BEGIN
  SELECT raise(ABORT, 'a job is marked as deleted first');
END;

-- A table and no CHECK, so that a new kind is one INSERT of a migration.
CREATE TABLE event_kinds (kind TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO event_kinds (kind)
VALUES ('state'), ('losses'), ('validation'), ('sample'), ('checkpoint'), ('log'), ('heartbeat');

-- Without rowid: a job's events lie together, so reading and deleting them is one range.
CREATE TABLE events (
  job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  kind TEXT NOT NULL REFERENCES event_kinds (kind),
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  time_ms INTEGER NOT NULL,
  payload TEXT NOT NULL CHECK (json_type(payload) = 'object'),
  PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_do_not_change BEFORE UPDATE ON events
BEGIN
  SELECT raise(ABORT, 'an event does not change');
END;

CREATE TABLE checkpoints (
  job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  path TEXT NOT NULL CHECK (path <> '' AND path NOT LIKE '/%'),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  best INTEGER NOT NULL CHECK (best IN (0, 1)),
  sequence INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (job, step)
) STRICT, WITHOUT ROWID;

-- Stays when the versions of a name are deleted, so that no number is given twice.
CREATE TABLE model_names (
  name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  last_version INTEGER NOT NULL CHECK (last_version > 0)
) STRICT, WITHOUT ROWID;

-- job_id is no foreign key: a model outlives its job.
CREATE TABLE models (
  name TEXT NOT NULL REFERENCES model_names (name),
  version INTEGER NOT NULL CHECK (version > 0),
  job_id TEXT NOT NULL,
  step INTEGER NOT NULL CHECK (step >= 0),
  path TEXT NOT NULL CHECK (path <> '' AND path NOT LIKE '/%'),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  details TEXT NOT NULL CHECK (json_type(details) = 'object'),
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER models_do_not_change BEFORE UPDATE ON models
BEGIN
  SELECT raise(ABORT, 'a model version does not change');
END;

CREATE TABLE datasets (
  name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  state TEXT NOT NULL CHECK (state IN ('UPLOADING', 'READY')),
  photo_count INTEGER NOT NULL CHECK (photo_count >= 0),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  gray_count INTEGER NOT NULL CHECK (gray_count BETWEEN 0 AND photo_count),
  broken_count INTEGER NOT NULL CHECK (broken_count >= 0),
  report TEXT CHECK (json_type(report) = 'object'),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  CHECK ((report IS NOT NULL) = (state = 'READY'))
) STRICT, WITHOUT ROWID;

CREATE TABLE server_values (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  value TEXT NOT NULL CHECK (json_valid(value)),
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
