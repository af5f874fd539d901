-- Review, neurons and corrections. What people say of captions and neurons is beside what models made; corrections wait in a
-- queue, are learnt several at a time as one model, and stay as regression cases of every later one.

-- A person's word on a model's caption of a clip; it holds while the model says this caption.
CREATE TABLE caption_verdict (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  caption TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('right', 'nearly', 'wrong', 'skip')),
  PRIMARY KEY (model_id, clip_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX caption_verdict_clip ON caption_verdict (clip_id);

CREATE TABLE clip_note (
  clip_id INTEGER PRIMARY KEY REFERENCES clip ON DELETE CASCADE,
  note TEXT NOT NULL
) STRICT;

-- A person's word on what a neuron stands for: agreed, not, or a label of one's own.
CREATE TABLE neuron_verdict (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  neuron INTEGER NOT NULL,
  verdict TEXT CHECK (verdict IN ('agree', 'disagree')),
  label TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (model_id, neuron)
) STRICT, WITHOUT ROWID;

CREATE TABLE correction_new (
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
) STRICT;

-- What learning corrections changed elsewhere: a comparison of a version with its parent.
CREATE TABLE blast_radius (
  model_id INTEGER PRIMARY KEY REFERENCES model ON DELETE CASCADE,
  radius TEXT NOT NULL CHECK (json_valid(radius))
) STRICT;

INSERT INTO correction_new (id, state, model_id, parent_id, clip_id, topics, before, wanted, after, created_at)
SELECT id, state, model_id, parent_id, clip_id,
  (SELECT json_group_array(json_object('topicId', topic_id, 'strength', strength)) FROM (
    SELECT value AS topic_id, correction.strength AS strength FROM json_each(correction.add_topics)
    UNION ALL SELECT value, -correction.strength FROM json_each(correction.drop_topics)
  )),
  before, intervened, after, created_at
FROM correction;
INSERT OR IGNORE INTO blast_radius (model_id, radius)
SELECT model_id, json_object('split', NULL, 'clips', 0, 'metrics', json_array(), 'changed', json(changed), 'topics', json_array(), 'similar', NULL) FROM correction;
DELETE FROM sqlite_sequence WHERE name = 'correction_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'correction_new', seq FROM sqlite_sequence WHERE name = 'correction';
DROP TABLE correction;
ALTER TABLE correction_new RENAME TO correction;
CREATE INDEX correction_model ON correction (model_id);
CREATE INDEX correction_clip ON correction (clip_id);

-- An accepted correction rerun with a later model: what it says of the clip.
CREATE TABLE regression (
  correction_id INTEGER NOT NULL REFERENCES correction ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  caption TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('holds', 'mended', 'back')),
  PRIMARY KEY (correction_id, model_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX regression_model ON regression (model_id);
