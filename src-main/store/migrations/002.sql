-- Version 2: runs that stop keep their place, series of runs, n-best lists.
-- SQLite can't change a CHECK, so the table model is made anew (https://sqlite.org/lang_altertable.html, section 7).

CREATE TABLE model_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER REFERENCES model,
  -- The job that makes it, or made it last.
  job_id INTEGER REFERENCES job,
  -- The first model of the series that it belongs to.
  series INTEGER REFERENCES model,
  kind TEXT NOT NULL CHECK (kind IN ('interpretive', 'baseline', 'random-topics')),
  origin TEXT NOT NULL CHECK (origin IN ('trained', 'corrected')),
  state TEXT NOT NULL CHECK (state IN ('training', 'ready', 'stopped', 'failed', 'proposed')),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  seed INTEGER NOT NULL,
  -- Ids of its topics in the order of its columns.
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  feature_key TEXT NOT NULL,
  frames INTEGER NOT NULL,
  -- Digests of what it is trained on, by part; null where that is not known.
  inputs TEXT CHECK (json_valid(inputs)),
  device TEXT,
  steps INTEGER,
  captions_per_second REAL,
  seconds REAL,
  neurons INTEGER,
  best TEXT CHECK (json_valid(best)),
  note TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO model_new (id, parent_id, job_id, kind, origin, state, settings, seed, topics, feature_key, frames, device, steps, captions_per_second, seconds, neurons, best, note, created_at)
SELECT id, parent_id, job_id, kind, origin, state, settings, seed, topics, feature_key, frames, device, steps, captions_per_second, seconds, neurons, best, note, created_at FROM model;
-- The next id goes on from the highest that ever was, as folders models/ID may outlive their row.
DELETE FROM sqlite_sequence WHERE name = 'model_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'model_new', seq FROM sqlite_sequence WHERE name = 'model';
DROP TABLE model;
ALTER TABLE model_new RENAME TO model;
CREATE INDEX model_job ON model (job_id);
CREATE INDEX model_series ON model (series);

-- How a caption was decoded: its beam, and what else there is to choose now.
ALTER TABLE generated_caption ADD COLUMN decoding TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(decoding));
UPDATE generated_caption SET decoding = json_object('beam', beam);
ALTER TABLE generated_caption DROP COLUMN beam;
-- The other captions of the n-best list, in the order of their rank.
ALTER TABLE generated_caption ADD COLUMN alternatives TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(alternatives));
