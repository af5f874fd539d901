-- What a clip was before its split changed, or it was removed (with its import, too) or came back: so a model that
-- was trained before can say what has moved since. Whatever changes a clip, triggers write it down.
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

-- Clips that an import brings for the first time were nothing before; those that come back with it were away.
CREATE TRIGGER clips_of_import_changed AFTER UPDATE OF state ON import
WHEN old.state <> new.state
BEGIN
  INSERT INTO clip_change (clip_id, split, removed)
  SELECT id, split, max(removed, old.state <> 'present') FROM clip
  WHERE import_id = old.id AND (old.state <> 'staged'
    OR id IN (SELECT row_id FROM import_return WHERE import_id = old.id AND what = 'clip'));
END;

CREATE INDEX clip_removed ON clip (id) WHERE removed = 1;

-- Clips that are not there for people; few, and found without reading the others.
CREATE VIEW absent_clip AS
SELECT id FROM clip WHERE removed = 1
UNION SELECT id FROM clip WHERE import_id IN (SELECT id FROM import WHERE state <> 'present');

CREATE INDEX caption_removed ON caption (id) WHERE removed = 1;

-- Captions that are not there, those of such clips among them.
CREATE VIEW absent_caption AS
SELECT id FROM caption WHERE removed = 1
UNION SELECT id FROM caption WHERE import_id IN (SELECT id FROM import WHERE state <> 'present')
UNION SELECT id FROM caption WHERE clip_id IN (SELECT id FROM absent_clip);

-- The last clip (null: not known), and the last change of one (0: none), when the model's clips were read.
ALTER TABLE model ADD COLUMN last_clip INTEGER;
ALTER TABLE model ADD COLUMN last_clip_change INTEGER NOT NULL DEFAULT 0;
UPDATE model SET last_clip = (SELECT coalesce(max(id), 0) FROM clip);
-- When a person put the model in the trash; null: it is not there. What is said of it stays, whatever comes.
ALTER TABLE model ADD COLUMN trashed_at TEXT;
-- The trash was emptied of it: its files are gone, the row stays for what was said of it.
ALTER TABLE model ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0 CHECK (emptied IN (0, 1));
