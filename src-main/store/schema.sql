CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE clip (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
  -- Relative to the project folder, with forward slashes, where possible; null for a clip without a media file.
  path TEXT,
  content_hash TEXT,
  duration REAL,
  fps REAL,
  frame_count INTEGER,
  width INTEGER,
  height INTEGER,
  codec TEXT,
  playable INTEGER CHECK (playable IN (0, 1)),
  problem TEXT
, import_id INTEGER REFERENCES import, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)), kind TEXT NOT NULL DEFAULT 'video' CHECK (kind IN ('video', 'picture', 'frames')), start_seconds REAL, end_seconds REAL) STRICT;

CREATE INDEX clip_split ON clip (split, name);

CREATE INDEX clip_content ON clip (content_hash);

CREATE TABLE caption (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  position INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('human', 'reviewer')),
  text TEXT NOT NULL, import_id INTEGER REFERENCES import, removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)), imported_text TEXT, language TEXT, author TEXT, file_source TEXT, written_at TEXT,
  UNIQUE (clip_id, position)
) STRICT;

CREATE VIRTUAL TABLE clip_search USING fts5 (
  text, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE feature (
  key TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  path TEXT NOT NULL,
  frames INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  frame_times TEXT NOT NULL CHECK (json_valid(frame_times)),
  sha256 TEXT NOT NULL, size INTEGER, modified INTEGER,
  PRIMARY KEY (key, content_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request TEXT NOT NULL CHECK (json_valid(request)),
  documents INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  sweeps INTEGER NOT NULL,
  seconds REAL NOT NULL,
  tokens_per_second REAL NOT NULL,
  npmi REAL,
  created_at TEXT NOT NULL
, origin TEXT NOT NULL DEFAULT 'found' CHECK (origin IN ('found', 'reassigned', 'imported')), beta REAL NOT NULL DEFAULT 0.01, phrases TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(phrases)), staged INTEGER NOT NULL DEFAULT 0 CHECK (staged IN (0, 1)), last_clip INTEGER, last_clip_change INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE clip_topic (
  topic_id INTEGER NOT NULL REFERENCES topic ON DELETE CASCADE,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  share REAL NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  source TEXT NOT NULL CHECK (source IN ('lda', 'curator')),
  PRIMARY KEY (topic_id, clip_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX clip_topic_clip ON clip_topic (clip_id);

CREATE INDEX clip_topic_clearest ON clip_topic (topic_id, active, share DESC);

CREATE TABLE training_point (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  step INTEGER NOT NULL,
  point TEXT NOT NULL CHECK (json_valid(point)),
  PRIMARY KEY (model_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE neuron_map (
  model_id INTEGER PRIMARY KEY REFERENCES model ON DELETE CASCADE,
  request TEXT NOT NULL CHECK (json_valid(request)),
  shuffled_baseline REAL NOT NULL,
  mean_delta REAL NOT NULL,
  seconds REAL NOT NULL,
  created_at TEXT NOT NULL
, alignment TEXT CHECK (alignment IS NULL OR json_valid(alignment)), training_clips INTEGER, over_time TEXT CHECK (over_time IS NULL OR json_valid(over_time))) STRICT;

CREATE TABLE action_result (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  result TEXT NOT NULL CHECK (json_valid(result)),
  created_at TEXT NOT NULL
, clips TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(clips))) STRICT;

CREATE TABLE edit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  label TEXT NOT NULL,
  forward TEXT NOT NULL CHECK (json_valid(forward)),
  inverse TEXT NOT NULL CHECK (json_valid(inverse)),
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT;

CREATE INDEX edit_undone ON edit (undone, id);

CREATE TABLE vocabulary (
  run_id INTEGER NOT NULL REFERENCES topic_run,
  word TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  PRIMARY KEY (run_id, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE "topic" (
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

CREATE TABLE "topic_word" (
  topic_id INTEGER NOT NULL REFERENCES topic ON DELETE CASCADE,
  word TEXT NOT NULL,
  count REAL NOT NULL,
  mark TEXT CHECK (mark IN ('pinned', 'forbidden')),
  PRIMARY KEY (topic_id, word)
) STRICT, WITHOUT ROWID;

CREATE INDEX topic_state ON topic (state);

CREATE INDEX topic_merged ON topic (merged_into);

CREATE INDEX topic_word_count ON topic_word (topic_id, count DESC);

CREATE INDEX topic_word_word ON topic_word (word);

CREATE TABLE clip_share (
  run_id INTEGER NOT NULL REFERENCES topic_run,
  topic_id INTEGER NOT NULL REFERENCES topic,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  share REAL NOT NULL,
  PRIMARY KEY (run_id, topic_id, clip_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX clip_share_clip ON clip_share (clip_id, run_id, topic_id, share);

CREATE TABLE clip_verdict (
  topic_id INTEGER NOT NULL REFERENCES topic,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  PRIMARY KEY (topic_id, clip_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX clip_verdict_clip ON clip_verdict (clip_id);

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

CREATE TABLE neuron_verdict (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  neuron INTEGER NOT NULL,
  verdict TEXT CHECK (verdict IN ('agree', 'disagree')),
  label TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (model_id, neuron)
) STRICT, WITHOUT ROWID;

CREATE TABLE "correction" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'withdrawn', 'proposed', 'accepted', 'discarded', 'undone')),
  -- The version that learnt it; null while it is queued, or withdrawn from the queue.
  model_id INTEGER REFERENCES model,
  parent_id INTEGER NOT NULL REFERENCES model,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  -- Topics with the strength that their neurons are moved with, -1 (out) to 1 (in).
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  -- Neurons that are moved beside them, with their values.
  neurons TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(neurons)),
  -- The right caption as a person typed it; null: what moving the neurons has the model say.
  typed TEXT,
  -- What the parent says, what is wanted, and what the version that learnt it says by itself.
  before TEXT NOT NULL,
  wanted TEXT NOT NULL,
  after TEXT,
  note TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
, lasts INTEGER CHECK (lasts IN (0, 1)), left_out TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(left_out))) STRICT;

CREATE TABLE blast_radius (
  model_id INTEGER PRIMARY KEY REFERENCES model ON DELETE CASCADE,
  radius TEXT NOT NULL CHECK (json_valid(radius))
) STRICT;

CREATE INDEX correction_model ON correction (model_id);

CREATE INDEX correction_clip ON correction (clip_id);

CREATE TABLE regression (
  correction_id INTEGER NOT NULL REFERENCES correction ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  caption TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('holds', 'mended', 'back')),
  PRIMARY KEY (correction_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX regression_model ON regression (model_id);

CREATE TABLE import (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  -- The job that brings it in: a staged import whose job has ended is waste.
  job_id INTEGER REFERENCES job,
  state TEXT NOT NULL DEFAULT 'staged' CHECK (state IN ('staged', 'present', 'undone')),
  -- What follows from its state is not seen to everywhere yet: media of known clips, the search, what clips bear.
  unsettled INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1)),
  -- The files that were brought in, by their names.
  title TEXT NOT NULL DEFAULT '',
  -- What came of it; null while it is staged.
  report TEXT CHECK (report IS NULL OR json_valid(report))
) STRICT;

CREATE INDEX import_state ON import (state);

CREATE INDEX import_unsettled ON import (unsettled) WHERE unsettled = 1;

CREATE TABLE import_change (
  import_id INTEGER NOT NULL REFERENCES import,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  media_before TEXT CHECK (media_before IS NULL OR json_valid(media_before)),
  media_after TEXT CHECK (media_after IS NULL OR json_valid(media_after)),
  split_before TEXT CHECK (split_before IN ('train', 'val', 'test')),
  split_after TEXT CHECK (split_after IN ('train', 'val', 'test')),
  PRIMARY KEY (import_id, clip_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_change_clip ON import_change (clip_id, import_id);

CREATE TABLE import_return (
  import_id INTEGER NOT NULL REFERENCES import,
  what TEXT NOT NULL CHECK (what IN ('clip', 'caption')),
  row_id INTEGER NOT NULL,
  earlier_import_id INTEGER NOT NULL REFERENCES import,
  PRIMARY KEY (import_id, what, row_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_return_earlier ON import_return (earlier_import_id);

CREATE INDEX clip_import ON clip (import_id);

CREATE INDEX caption_import ON caption (import_id, clip_id);

CREATE VIEW present_clip AS
SELECT * FROM clip
WHERE removed = 0 AND (import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state <> 'present'));

CREATE TABLE table_write (
  name TEXT PRIMARY KEY,
  writes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clip_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
  removed INTEGER NOT NULL CHECK (removed IN (0, 1))
) STRICT;

CREATE INDEX clip_change_clip ON clip_change (clip_id);

CREATE TRIGGER clip_changed AFTER UPDATE OF split, removed ON clip
WHEN old.split <> new.split OR old.removed <> new.removed
BEGIN
  INSERT INTO clip_change (clip_id, split, removed) VALUES (old.id, old.split, old.removed);
END;

CREATE TRIGGER clips_of_import_changed AFTER UPDATE OF state ON import
WHEN old.state <> new.state
BEGIN
  INSERT INTO clip_change (clip_id, split, removed)
  SELECT id, split, max(removed, old.state <> 'present') FROM clip
  WHERE import_id = old.id AND (old.state <> 'staged'
    OR id IN (SELECT row_id FROM import_return WHERE import_id = old.id AND what = 'clip'));
END;

CREATE INDEX clip_removed ON clip (id) WHERE removed = 1;

CREATE VIEW absent_clip AS
SELECT id FROM clip WHERE removed = 1
UNION SELECT id FROM clip WHERE import_id IN (SELECT id FROM import WHERE state <> 'present');

CREATE INDEX caption_removed ON caption (id) WHERE removed = 1;

CREATE VIEW absent_caption AS
SELECT id FROM caption WHERE removed = 1
UNION SELECT id FROM caption WHERE import_id IN (SELECT id FROM import WHERE state <> 'present')
UNION SELECT id FROM caption WHERE clip_id IN (SELECT id FROM absent_clip);

CREATE TABLE "job" (
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

CREATE INDEX job_state ON job (state);

CREATE TABLE "evaluation" (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
  evaluation TEXT NOT NULL CHECK (json_valid(evaluation)),
  -- Average precision of each topic column, or null.
  average_precision TEXT CHECK (average_precision IS NULL OR json_valid(average_precision)),
  PRIMARY KEY (model_id, split)
) STRICT, WITHOUT ROWID;

CREATE TABLE feature_set (
  key TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  -- How it was made: see `storedFeatureOrigin`.
  origin TEXT NOT NULL CHECK (json_valid(origin)),
  -- Frames of a clip, at most, and values of a frame.
  frames INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  -- A person took it away: its files stay until room is made, and it can be restored.
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX caption_language ON caption (language, removed, import_id, clip_id) WHERE language IS NOT NULL;

CREATE TABLE working_language (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  language TEXT NOT NULL
) STRICT;

CREATE VIEW written_caption AS
SELECT * FROM caption
WHERE removed = 0 AND (import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state <> 'present'));

CREATE VIEW present_caption AS
SELECT * FROM written_caption
WHERE language IS NULL OR language = coalesce((SELECT language FROM working_language), language);

CREATE VIEW other_caption AS
SELECT id FROM caption WHERE language IS NOT NULL AND language < (SELECT language FROM working_language)
UNION ALL SELECT id FROM caption WHERE language IS NOT NULL AND language > (SELECT language FROM working_language);

CREATE TABLE "model" (
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

CREATE INDEX model_job ON model (job_id);

CREATE INDEX model_series ON model (series);

CREATE TABLE "generated_caption" (
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

CREATE INDEX generated_caption_clip ON generated_caption (clip_id);

CREATE TABLE "neuron" (
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

CREATE TABLE "caption_verdict" (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  caption TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('right', 'nearly', 'wrong', 'skip')),
  -- When it was given; null: not known.
  at TEXT,
  PRIMARY KEY (model_id, clip_id, who)
) STRICT, WITHOUT ROWID;

CREATE INDEX caption_verdict_clip ON caption_verdict (clip_id);

CREATE TABLE "clip_note" (
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  note TEXT NOT NULL,
  -- When it was written; null: not known.
  at TEXT,
  PRIMARY KEY (clip_id, who)
) STRICT, WITHOUT ROWID;

CREATE TABLE clip_tag (
  tag TEXT NOT NULL,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  -- Null: not known.
  at TEXT,
  PRIMARY KEY (tag, clip_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX clip_tag_clip ON clip_tag (clip_id, tag);

CREATE INDEX generated_caption_said ON generated_caption (model_id, clip_id, caption, cider);

CREATE TABLE action_label (
  content TEXT NOT NULL,
  -- The class that the corpus says.
  corpus_class TEXT NOT NULL,
  class TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (content, corpus_class)
) STRICT, WITHOUT ROWID;

CREATE TABLE action_head (
  result_id INTEGER NOT NULL REFERENCES action_result ON DELETE CASCADE,
  source INTEGER NOT NULL,
  mean BLOB NOT NULL,
  factor BLOB NOT NULL,
  weights BLOB NOT NULL,
  bias BLOB NOT NULL,
  strength REAL NOT NULL,
  PRIMARY KEY (result_id, source)
) STRICT;

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
