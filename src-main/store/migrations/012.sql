-- What is known of how a caption came about: its language (a tag such as `en`), who wrote it, and what its file says of it, such
-- as `clean`. Null: not known.
ALTER TABLE caption ADD COLUMN language TEXT;
ALTER TABLE caption ADD COLUMN author TEXT;
ALTER TABLE caption ADD COLUMN file_source TEXT;
CREATE INDEX caption_language ON caption (language, removed, import_id, clip_id) WHERE language IS NOT NULL;

-- The language that the project works in: captions that are in another take part in nothing. No row: all take part.
CREATE TABLE working_language (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  language TEXT NOT NULL
) STRICT;

-- Captions that are there, in whichever language.
CREATE VIEW written_caption AS
SELECT * FROM caption
WHERE removed = 0 AND (import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state <> 'present'));

DROP VIEW present_caption;
CREATE VIEW present_caption AS
SELECT * FROM written_caption
WHERE language IS NULL OR language = coalesce((SELECT language FROM working_language), language);

-- Captions in another language than the project works in; few where it works in all, and found without reading the others.
CREATE VIEW other_caption AS
SELECT id FROM caption WHERE language IS NOT NULL AND language < (SELECT language FROM working_language)
UNION ALL SELECT id FROM caption WHERE language IS NOT NULL AND language > (SELECT language FROM working_language);

-- The index merges what it has written while others wait: in small parts, and less often.
INSERT INTO clip_search (clip_search, rank) VALUES ('pgsz', 1000);
INSERT INTO clip_search (clip_search, rank) VALUES ('automerge', 8);
INSERT INTO clip_search (clip_search, rank) VALUES ('crisismerge', 64);
INSERT INTO clip_search (clip_search, rank) VALUES ('deletemerge', 50);

-- A run that is on its way: its rows come bit by bit, and the edit that makes it the current one ends that.
ALTER TABLE topic_run ADD COLUMN staged INTEGER NOT NULL DEFAULT 0 CHECK (staged IN (0, 1));
