-- Captioners that are trained alike but for some settings, one after the other, to be compared.
CREATE TABLE sweep (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- What all of its runs learn from: digests by part, features, and topics in the order of the models' columns.
  inputs TEXT NOT NULL CHECK (json_valid(inputs)),
  feature_key TEXT NOT NULL,
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  device TEXT NOT NULL,
  -- The job that trains it, or did so last.
  job_id INTEGER REFERENCES job,
  -- When a person put it in the trash; null: it is not there.
  trashed_at TEXT,
  created_at TEXT NOT NULL
) STRICT;

-- A run of a sweep, in the order of training.
CREATE TABLE sweep_run (
  sweep_id INTEGER NOT NULL REFERENCES sweep ON DELETE CASCADE,
  place INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('interpretive', 'baseline')),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  seed INTEGER NOT NULL,
  -- Null before it is begun, and once its model is gone.
  model_id INTEGER REFERENCES model ON DELETE SET NULL,
  -- What it was found to be on validation; null: it was not measured yet.
  figures TEXT CHECK (figures IS NULL OR json_valid(figures)),
  -- Why it will never be, in a sentence.
  failure TEXT,
  PRIMARY KEY (sweep_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX sweep_run_model ON sweep_run (model_id);
