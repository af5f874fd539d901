-- What people say a clip's class is, where a corpus says another: by content, so that it holds wherever the clip lies.
CREATE TABLE action_label (
  content TEXT NOT NULL,
  -- The class that the corpus says.
  corpus_class TEXT NOT NULL,
  class TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (content, corpus_class)
) STRICT, WITHOUT ROWID;

-- Classifiers of a comparison, of all its clips, by the place of their source: float32.
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
