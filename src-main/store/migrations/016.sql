-- Models of other systems: what they say of clips, and what their neurons do where that came along. Nothing here can run them.
CREATE TABLE model_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER REFERENCES model,
  -- The job that makes it, or made it last.
  job_id INTEGER REFERENCES job,
  -- The first model of the series that it belongs to.
  series INTEGER REFERENCES model,
  kind TEXT NOT NULL CHECK (kind IN ('interpretive', 'baseline', 'random-topics', 'external')),
  origin TEXT NOT NULL CHECK (origin IN ('trained', 'corrected', 'remapped', 'refined', 'imported')),
  state TEXT NOT NULL CHECK (state IN ('training', 'ready', 'stopped', 'failed', 'proposed')),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  seed INTEGER NOT NULL,
  -- Ids of its topics in the order of its columns.
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  -- By column, the fingerprint that the topic's clips had (topic_vector); null in models of older versions.
  fingerprints TEXT CHECK (fingerprints IS NULL OR json_valid(fingerprints)),
  -- The features that it reads; of another system's model the activations that came with it; null: none came.
  feature_key TEXT,
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
  emptied INTEGER NOT NULL DEFAULT 0 CHECK (emptied IN (0, 1)),
  -- Of another system's model: what it is called, and the files that it came from.
  external TEXT CHECK (external IS NULL OR json_valid(external)),
  CHECK ((kind = 'external') = (external IS NOT NULL)),
  CHECK (kind = 'external' OR feature_key IS NOT NULL)
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

CREATE TABLE generated_caption_new (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  caption TEXT NOT NULL,
  -- Null: the caption is another system's.
  log_probability REAL,
  -- How sure another system is of it, in a unit of its own: higher is surer; null: it does not say.
  score REAL,
  word_count INTEGER NOT NULL,
  cider REAL,
  -- None where the caption is another system's.
  words TEXT NOT NULL CHECK (json_valid(words)),
  -- f(v-bar) by topic column; none where there is no f.
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  -- Null: the caption is another system's.
  decoding TEXT CHECK (decoding IS NULL OR json_valid(decoding)),
  alternatives TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(alternatives)),
  PRIMARY KEY (model_id, clip_id)
) STRICT;
INSERT INTO generated_caption_new (model_id, clip_id, caption, log_probability, word_count, cider, words, topics, decoding, alternatives)
SELECT model_id, clip_id, caption, log_probability, word_count, cider, words, topics, decoding, alternatives FROM generated_caption;
DROP TABLE generated_caption;
ALTER TABLE generated_caption_new RENAME TO generated_caption;
CREATE INDEX generated_caption_clip ON generated_caption (clip_id);

CREATE TABLE neuron_new (
  model_id INTEGER NOT NULL REFERENCES neuron_map ON DELETE CASCADE,
  neuron INTEGER NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('feature', 'forward', 'backward', 'activation')),
  topic_id INTEGER NOT NULL REFERENCES topic,
  delta REAL NOT NULL,
  runner_up_id INTEGER NOT NULL REFERENCES topic,
  margin REAL NOT NULL,
  shuffled REAL NOT NULL,
  dead INTEGER NOT NULL CHECK (dead IN (0, 1)),
  polysemantic INTEGER NOT NULL CHECK (polysemantic IN (0, 1)),
  held_out_precision REAL,
  held_out_auc REAL,
  held_out_p REAL,
  held_out_q REAL,
  PRIMARY KEY (model_id, neuron)
) STRICT, WITHOUT ROWID;
INSERT INTO neuron_new (model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic,
  held_out_precision, held_out_auc, held_out_p, held_out_q)
SELECT model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic,
  held_out_precision, held_out_auc, held_out_p, held_out_q FROM neuron;
DROP TABLE neuron;
ALTER TABLE neuron_new RENAME TO neuron;
