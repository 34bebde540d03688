CREATE TABLE sweeps (
  -- The order of arrival; never given twice.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 64),
  state TEXT NOT NULL CHECK (state IN ('RUNNING', 'SUCCEEDED', 'CANCELLED', 'FAILED')),
  message TEXT NOT NULL,
  display_name TEXT NOT NULL,
  spec TEXT NOT NULL CHECK (json_type(spec) = 'object'),
  request_id TEXT UNIQUE CHECK (request_id <> ''),
  request_hash TEXT,
  created_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  CHECK ((finished_at_ms IS NULL) = (state = 'RUNNING')),
  CHECK ((request_hash IS NULL) = (request_id IS NULL))
) STRICT;

CREATE TRIGGER sweeps_stay_over BEFORE UPDATE ON sweeps WHEN OLD.state <> 'RUNNING'
BEGIN
  SELECT raise(ABORT, 'a sweep that is over does not change');
END;

-- job_id is no foreign key: a job may be deleted before its sweep.
CREATE TABLE sweep_runs (
  sweep INTEGER NOT NULL REFERENCES sweeps (number) ON DELETE CASCADE,
  -- The order in which they were begun, from 1.
  position INTEGER NOT NULL CHECK (position > 0),
  trial INTEGER NOT NULL CHECK (trial >= 0),
  rung INTEGER NOT NULL CHECK (rung >= 0),
  job_id TEXT NOT NULL CHECK (job_id <> ''),
  outcome TEXT CHECK (outcome IN ('measured', 'failed', 'cancelled')),
  value REAL,
  step INTEGER CHECK (step >= 0),
  PRIMARY KEY (sweep, position),
  UNIQUE (sweep, trial, rung),
  UNIQUE (sweep, job_id),
  CHECK ((value IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'measured')),
  CHECK ((step IS NULL) = (value IS NULL))
) STRICT, WITHOUT ROWID;
