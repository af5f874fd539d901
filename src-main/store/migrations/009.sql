-- A dump of the database restores with every SQLite: json_valid(NULL) is NULL, which a check lets pass, from 3.41 on, and 0
-- before. So each check of a column that may be null says so.
CREATE TABLE job_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)),
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
  -- The owner that runs it (store/owners.ts): whether it still lives tells a running job from an interrupted one.
  owner TEXT,
  -- What `params` are the input of, as noun.name of the contract: with it the job can be started again.
  procedure TEXT,
  -- The job that was started in its place.
  restarted_as INTEGER REFERENCES job,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  summary TEXT,
  result TEXT CHECK (result IS NULL OR json_valid(result)),
  notices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(notices)),
  failure TEXT CHECK (failure IS NULL OR json_valid(failure))
) STRICT;
INSERT INTO job_new (id, kind, title, params, state, owner, procedure, restarted_as, created_at, started_at, ended_at, summary,
  result, notices, failure)
SELECT id, kind, title, params, state, owner, procedure, restarted_as, created_at, started_at, ended_at, summary,
  result, notices, failure FROM job;
DELETE FROM sqlite_sequence WHERE name = 'job_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'job_new', seq FROM sqlite_sequence WHERE name = 'job';
DROP TABLE job;
ALTER TABLE job_new RENAME TO job;
CREATE INDEX job_state ON job (state);

CREATE TABLE evaluation_new (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
  evaluation TEXT NOT NULL CHECK (json_valid(evaluation)),
  -- Average precision of each topic column, or null.
  average_precision TEXT CHECK (average_precision IS NULL OR json_valid(average_precision)),
  PRIMARY KEY (model_id, split)
) STRICT, WITHOUT ROWID;
INSERT INTO evaluation_new (model_id, split, evaluation, average_precision)
SELECT model_id, split, evaluation, average_precision FROM evaluation;
DROP TABLE evaluation;
ALTER TABLE evaluation_new RENAME TO evaluation;

CREATE TABLE model_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER REFERENCES model,
  -- The job that makes it, or made it last.
  job_id INTEGER REFERENCES job,
  -- The first model of the series that it belongs to.
  series INTEGER REFERENCES model,
  kind TEXT NOT NULL CHECK (kind IN ('interpretive', 'baseline', 'random-topics')),
  origin TEXT NOT NULL CHECK (origin IN ('trained', 'corrected', 'remapped', 'refined')),
  state TEXT NOT NULL CHECK (state IN ('training', 'ready', 'stopped', 'failed', 'proposed')),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  seed INTEGER NOT NULL,
  -- Ids of its topics in the order of its columns.
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  -- By column, the fingerprint that the topic's clips had (topic_vector); null in models of older versions.
  fingerprints TEXT CHECK (fingerprints IS NULL OR json_valid(fingerprints)),
  feature_key TEXT NOT NULL,
  frames INTEGER NOT NULL,
  -- Digests of what it is trained on, by part; null where that is not known.
  inputs TEXT CHECK (inputs IS NULL OR json_valid(inputs)),
  device TEXT,
  steps INTEGER,
  captions_per_second REAL,
  seconds REAL,
  neurons INTEGER,
  best TEXT CHECK (best IS NULL OR json_valid(best)),
  note TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  -- The last clip (null: not known), and the last change of one (0: none), when the model's clips were read.
  last_clip INTEGER,
  last_clip_change INTEGER NOT NULL DEFAULT 0,
  -- When a person put the model in the trash; null: it is not there. What is said of it stays, whatever comes.
  trashed_at TEXT,
  -- The trash was emptied of it: its files are gone, the row stays for what was said of it.
  emptied INTEGER NOT NULL DEFAULT 0 CHECK (emptied IN (0, 1))
) STRICT;
INSERT INTO model_new (id, parent_id, job_id, series, kind, origin, state, settings, seed, topics, fingerprints, feature_key,
  frames, inputs, device, steps, captions_per_second, seconds, neurons, best, note, created_at,
  last_clip, last_clip_change, trashed_at, emptied)
SELECT id, parent_id, job_id, series, kind, origin, state, settings, seed, topics, fingerprints, feature_key,
  frames, inputs, device, steps, captions_per_second, seconds, neurons, best, note, created_at,
  last_clip, last_clip_change, trashed_at, emptied FROM model;
DELETE FROM sqlite_sequence WHERE name = 'model_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'model_new', seq FROM sqlite_sequence WHERE name = 'model';
DROP TABLE model;
ALTER TABLE model_new RENAME TO model;
CREATE INDEX model_job ON model (job_id);
CREATE INDEX model_series ON model (series);

-- The size in bytes and the time of change (whole milliseconds) that a feature file had when its checksum was last known to be
-- right: while both are as they were, it is not read again to be sure. Null: not known.
ALTER TABLE feature ADD COLUMN size INTEGER;
ALTER TABLE feature ADD COLUMN modified INTEGER;
