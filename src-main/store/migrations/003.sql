-- Version 3: topics that people curate, with nothing lost.
-- What was found is kept as it was found (clip_share, by run), what people say beside it (clip_verdict, and the columns of
-- topic and topic_word that edits set), and clip_topic is derived from both: see topics-derived.ts. So an edit and its
-- undo change few rows, whatever the size of the corpus.

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
  fingerprints TEXT CHECK (json_valid(fingerprints)),
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
INSERT INTO model_new (id, parent_id, job_id, series, kind, origin, state, settings, seed, topics, feature_key, frames, inputs, device, steps, captions_per_second, seconds, neurons, best, note, created_at)
SELECT id, parent_id, job_id, series, kind, origin, state, settings, seed, topics, feature_key, frames, inputs, device, steps, captions_per_second, seconds, neurons, best, note, created_at FROM model;
DELETE FROM sqlite_sequence WHERE name = 'model_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'model_new', seq FROM sqlite_sequence WHERE name = 'model';
DROP TABLE model;
ALTER TABLE model_new RENAME TO model;
CREATE INDEX model_job ON model (job_id);
CREATE INDEX model_series ON model (series);

ALTER TABLE topic_run ADD COLUMN origin TEXT NOT NULL DEFAULT 'found' CHECK (origin IN ('found', 'reassigned', 'imported'));
-- Prior of a word in a topic, in tokens; and the pairs of words that were joined.
ALTER TABLE topic_run ADD COLUMN beta REAL NOT NULL DEFAULT 0.01;
ALTER TABLE topic_run ADD COLUMN phrases TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(phrases));

-- The vocabulary of a run: how many tokens and documents have the word.
CREATE TABLE vocabulary (
  run_id INTEGER NOT NULL REFERENCES topic_run,
  word TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  PRIMARY KEY (run_id, word)
) STRICT, WITHOUT ROWID;

-- run_id: the run that it was made in; it may live on in later ones.
CREATE TABLE topic_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES topic_run,
  label TEXT NOT NULL,
  -- A person gave or accepted the label.
  labelled INTEGER NOT NULL DEFAULT 0 CHECK (labelled IN (0, 1)),
  description TEXT NOT NULL DEFAULT '',
  hue REAL CHECK (hue BETWEEN 0 AND 360),
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'hidden', 'junk', 'merged', 'split', 'deleted', 'replaced')),
  merged_into INTEGER REFERENCES topic CHECK ((merged_into IS NOT NULL) = (state = 'merged')),
  npmi REAL,
  -- Its prior in a document, in tokens; null where no sampler gave one.
  alpha REAL
) STRICT;
INSERT INTO topic_new (id, run_id, label, npmi, state) SELECT id, run_id, label, npmi, iif(retired, 'replaced', 'active') FROM topic;
DELETE FROM sqlite_sequence WHERE name = 'topic_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'topic_new', seq FROM sqlite_sequence WHERE name = 'topic';

-- Counts in tokens. Older versions kept the probabilities of the top words alone: their counts are estimates.
CREATE TABLE topic_word_new (
  topic_id INTEGER NOT NULL REFERENCES topic ON DELETE CASCADE,
  word TEXT NOT NULL,
  count REAL NOT NULL,
  mark TEXT CHECK (mark IN ('pinned', 'forbidden')),
  PRIMARY KEY (topic_id, word)
) STRICT, WITHOUT ROWID;
INSERT INTO topic_word_new (topic_id, word, count)
SELECT topic_word.topic_id, word, p * topic_run.tokens / (SELECT count(*) FROM topic AS other WHERE other.run_id = topic.run_id)
FROM topic_word JOIN topic ON topic.id = topic_id JOIN topic_run ON topic_run.id = topic.run_id;
DROP TABLE topic_word;
DROP TABLE topic;
ALTER TABLE topic_new RENAME TO topic;
ALTER TABLE topic_word_new RENAME TO topic_word;
CREATE INDEX topic_state ON topic (state);
CREATE INDEX topic_merged ON topic (merged_into);
CREATE INDEX topic_word_count ON topic_word (topic_id, count DESC);
CREATE INDEX topic_word_word ON topic_word (word);

-- What part of a clip's tokens a run gave to a topic; never changed, only added to.
CREATE TABLE clip_share (
  run_id INTEGER NOT NULL REFERENCES topic_run,
  topic_id INTEGER NOT NULL REFERENCES topic,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  share REAL NOT NULL,
  PRIMARY KEY (run_id, topic_id, clip_id)
) STRICT, WITHOUT ROWID;
-- With the share, so that a clip's shares are read from the index alone.
CREATE INDEX clip_share_clip ON clip_share (clip_id, run_id, topic_id, share);
INSERT INTO clip_share (run_id, topic_id, clip_id, share)
SELECT topic.run_id, topic_id, clip_id, share FROM clip_topic JOIN topic ON topic.id = topic_id;

-- A person's word on a topic of a clip: it goes before the rule.
CREATE TABLE clip_verdict (
  topic_id INTEGER NOT NULL REFERENCES topic,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  PRIMARY KEY (topic_id, clip_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_verdict_clip ON clip_verdict (clip_id);
INSERT INTO clip_verdict (topic_id, clip_id, active) SELECT topic_id, clip_id, active FROM clip_topic WHERE source = 'curator';

-- Derived: how many clips bear a topic, and a digest of which. Of past topics: as they were last.
CREATE TABLE topic_vector (
  topic_id INTEGER PRIMARY KEY REFERENCES topic,
  clips INTEGER NOT NULL,
  fingerprint TEXT NOT NULL
) STRICT;

CREATE TABLE topic_snapshot (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  -- How many were current.
  topics INTEGER NOT NULL,
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;

-- What may be wrong with captions. caption_id has no foreign key: a dropped caption comes back under its id by undo.
CREATE TABLE finding (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('contradiction', 'duplicate', 'typo', 'single', 'language')),
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  caption_id INTEGER,
  reason TEXT NOT NULL,
  suggestion TEXT,
  score REAL NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'fixed', 'dropped'))
) STRICT;
CREATE INDEX finding_queue ON finding (state, kind, score DESC);
CREATE INDEX finding_caption ON finding (caption_id);

-- People's labels are labels that were given.
UPDATE topic SET labelled = 1 WHERE id IN (SELECT forward ->> 'topicId' FROM edit WHERE forward ->> 'kind' = 'topic.label' AND undone = 0);
-- One kind of change for all that edits set of a topic, and one for what they say of clips. Inverses first: whether an
-- earlier edit gave the topic its label is read from the old forward changes.
UPDATE edit SET inverse = json_object('kind', 'topic', 'topicId', inverse -> 'topicId', 'set', json_object(
  'label', inverse ->> 'label',
  'labelled', json(iif(EXISTS (SELECT 1 FROM edit AS earlier WHERE earlier.id < edit.id AND earlier.forward ->> 'kind' = 'topic.label' AND earlier.forward -> 'topicId' = edit.inverse -> 'topicId'), 'true', 'false'))))
WHERE inverse ->> 'kind' = 'topic.label';
UPDATE edit SET forward = json_object('kind', 'topic', 'topicId', forward -> 'topicId', 'set', json_object('label', forward ->> 'label', 'labelled', json('true')))
WHERE forward ->> 'kind' = 'topic.label';
UPDATE edit SET forward = json_object('kind', 'clip.verdicts', 'topicId', forward -> 'topicId',
  'set', json(iif(forward ->> '$.entry.source' = 'curator' AND forward ->> '$.entry.active', '[' || (forward ->> 'clipId') || ']', '[]')),
  'cleared', json(iif(forward ->> '$.entry.source' = 'curator' AND NOT forward ->> '$.entry.active', '[' || (forward ->> 'clipId') || ']', '[]')),
  'none', json(iif(forward ->> '$.entry.source' = 'curator', '[]', '[' || (forward ->> 'clipId') || ']')))
WHERE forward ->> 'kind' = 'clip.topic';
UPDATE edit SET inverse = json_object('kind', 'clip.verdicts', 'topicId', inverse -> 'topicId',
  'set', json(iif(inverse ->> '$.entry.source' = 'curator' AND inverse ->> '$.entry.active', '[' || (inverse ->> 'clipId') || ']', '[]')),
  'cleared', json(iif(inverse ->> '$.entry.source' = 'curator' AND NOT inverse ->> '$.entry.active', '[' || (inverse ->> 'clipId') || ']', '[]')),
  'none', json(iif(inverse ->> '$.entry.source' = 'curator', '[]', '[' || (inverse ->> 'clipId') || ']')))
WHERE inverse ->> 'kind' = 'clip.topic';

-- Which run's shares hold, and the rule that makes them binary.
INSERT INTO setting (key, value) SELECT 'topicRun', CAST(max(run_id) AS TEXT) FROM topic WHERE state = 'active' HAVING max(run_id) IS NOT NULL;
INSERT INTO setting (key, value)
SELECT 'topicRule', json_object('topicsPerClip', request -> 'topicsPerClip', 'minShare', request -> 'minShare')
FROM topic_run WHERE CAST(id AS TEXT) = (SELECT value FROM setting WHERE key = 'topicRun');
