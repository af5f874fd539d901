-- What came by one import. Its rows come in small transactions while it is staged, and nobody sees them; then its
-- state says that they are there. Undoing it hides them: nothing is copied, and nothing is deleted.
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

-- What an import changes of a clip that was there: its media, its split, or both.
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

-- Rows of an import that was undone come back with a later one; should that end early, they are given back.
CREATE TABLE import_return (
  import_id INTEGER NOT NULL REFERENCES import,
  what TEXT NOT NULL CHECK (what IN ('clip', 'caption')),
  row_id INTEGER NOT NULL,
  earlier_import_id INTEGER NOT NULL REFERENCES import,
  PRIMARY KEY (import_id, what, row_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_return_earlier ON import_return (earlier_import_id);

-- Removal is a state: what people said of a clip or caption outlives it.
ALTER TABLE clip ADD COLUMN import_id INTEGER REFERENCES import;
ALTER TABLE clip ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));

ALTER TABLE caption ADD COLUMN import_id INTEGER REFERENCES import;
ALTER TABLE caption ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));
-- The text as it was imported, where a person has changed it since: by it a later import knows its line again.
ALTER TABLE caption ADD COLUMN imported_text TEXT;

-- Captions that people removed before this version are in the log of edits alone.
CREATE TEMP TABLE edited_caption AS
SELECT edit.id AS edit_id, edit.undone, entry.key AS place,
  json_extract(entry.value, '$.captionId') AS caption_id,
  json_extract(entry.value, '$.value.clipId') AS clip_id,
  json_extract(entry.value, '$.value.position') AS position,
  json_extract(entry.value, '$.value.source') AS source,
  json_extract(entry.value, '$.value.text') AS text
FROM edit, json_each(CASE json_extract(edit.inverse, '$.kind') WHEN 'all' THEN json_extract(edit.inverse, '$.changes') ELSE json_array(json(edit.inverse)) END) AS entry
WHERE json_extract(entry.value, '$.kind') = 'caption';

INSERT INTO caption (id, clip_id, position, source, text, removed)
SELECT caption_id, clip_id,
  (SELECT coalesce(max(position), -1) FROM caption WHERE caption.clip_id = edited.clip_id) + row_number() OVER (PARTITION BY clip_id ORDER BY caption_id),
  source, text, 1
FROM edited_caption AS edited
WHERE undone = 0 AND text IS NOT NULL
  AND edit_id = (SELECT max(edit_id) FROM edited_caption WHERE caption_id = edited.caption_id AND undone = 0)
  AND NOT EXISTS (SELECT 1 FROM caption WHERE id = edited.caption_id)
  AND EXISTS (SELECT 1 FROM clip WHERE id = edited.clip_id)
GROUP BY caption_id;

UPDATE caption SET imported_text = (
  SELECT text FROM edited_caption
  WHERE caption_id = caption.id AND undone = 0 AND text IS NOT NULL ORDER BY edit_id LIMIT 1
) WHERE source = 'human';
UPDATE caption SET imported_text = NULL WHERE imported_text = text;
DROP TABLE edited_caption;

CREATE INDEX clip_import ON clip (import_id);
CREATE INDEX caption_import ON caption (import_id, clip_id);

-- Clips and captions that are there for people: neither removed, nor of an import that is undone or on its way.
CREATE VIEW present_clip AS
SELECT * FROM clip
WHERE removed = 0 AND (import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state <> 'present'));

CREATE VIEW present_caption AS
SELECT * FROM caption
WHERE removed = 0 AND (import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state <> 'present'));
