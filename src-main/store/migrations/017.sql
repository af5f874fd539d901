-- A verdict on a caption and a note on a clip are one person's: it says whose, and when it was given. Until now a caption had one
-- verdict and a clip one note, of whoever came last; whose they are, and what others had said before, the log of edits knows.
CREATE TEMP TABLE said AS
SELECT id AS edit_id, who, at, undone, kind, model_id, clip_id, content,
  -- What the same person had said before.
  lag(content) OVER (PARTITION BY who, kind, model_id, clip_id ORDER BY id) AS before
FROM (
  SELECT edit.id, who, at, undone, change.value ->> '$.kind' AS kind,
    coalesce(change.value ->> '$.modelId', 0) AS model_id, change.value ->> '$.clipId' AS clip_id,
    -- Null: it was taken back.
    CASE
      WHEN change.value ->> '$.note' <> '' THEN json_object('note', change.value ->> '$.note', 'at', at)
      WHEN change.value ->> '$.value' IS NOT NULL THEN json_set(change.value -> '$.value', '$.at', at)
    END AS content
  FROM edit, json_each(iif(forward ->> '$.kind' = 'all', forward -> '$.changes', json_array(json(forward)))) AS change
  WHERE change.value ->> '$.kind' IN ('caption.verdict', 'clip.note')
);
CREATE INDEX temp.said_of_edit ON said (edit_id, kind, model_id, clip_id);
CREATE INDEX temp.said_of_clip ON said (kind, model_id, clip_id, who, edit_id);

-- The last word of each person that holds, unless somebody has taken back since what was said there.
CREATE TEMP TABLE held AS
SELECT kind, model_id, clip_id, who, at, content FROM said
WHERE undone = 0 AND content IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM said AS later
  WHERE later.kind = said.kind AND later.model_id = said.model_id AND later.clip_id = said.clip_id AND later.undone = 0
    AND later.edit_id > said.edit_id AND (later.who = said.who OR later.content IS NULL));

CREATE TABLE caption_verdict_new (
  model_id INTEGER NOT NULL REFERENCES model ON DELETE CASCADE,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  caption TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('right', 'nearly', 'wrong', 'skip')),
  -- When it was given; null: not known.
  at TEXT,
  PRIMARY KEY (model_id, clip_id, who)
) STRICT, WITHOUT ROWID;
INSERT INTO caption_verdict_new (model_id, clip_id, who, caption, verdict, at)
SELECT model_id, clip_id, who, content ->> '$.caption', content ->> '$.verdict', at FROM held
WHERE kind = 'caption.verdict' AND model_id IN (SELECT id FROM model) AND clip_id IN (SELECT id FROM clip);
INSERT INTO caption_verdict_new (model_id, clip_id, who, caption, verdict, at)
SELECT model_id, clip_id, 'unknown', caption, verdict, NULL FROM caption_verdict AS old
WHERE NOT EXISTS (SELECT 1 FROM caption_verdict_new AS new WHERE new.model_id = old.model_id AND new.clip_id = old.clip_id
  AND (new.who = 'unknown' OR (new.caption = old.caption AND new.verdict = old.verdict)));
DROP TABLE caption_verdict;
ALTER TABLE caption_verdict_new RENAME TO caption_verdict;
CREATE INDEX caption_verdict_clip ON caption_verdict (clip_id);

CREATE TABLE clip_note_new (
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  note TEXT NOT NULL,
  -- When it was written; null: not known.
  at TEXT,
  PRIMARY KEY (clip_id, who)
) STRICT, WITHOUT ROWID;
INSERT INTO clip_note_new (clip_id, who, note, at)
SELECT clip_id, who, content ->> '$.note', at FROM held WHERE kind = 'clip.note' AND clip_id IN (SELECT id FROM clip);
INSERT INTO clip_note_new (clip_id, who, note, at)
SELECT clip_id, 'unknown', note, NULL FROM clip_note AS old
WHERE NOT EXISTS (SELECT 1 FROM clip_note_new AS new
  WHERE new.clip_id = old.clip_id AND (new.who = 'unknown' OR new.note = old.note));
DROP TABLE clip_note;
ALTER TABLE clip_note_new RENAME TO clip_note;

-- The log says whose they are, too: what is taken back is that person's, and leaves what they had said before.
UPDATE edit SET
  forward = (
    SELECT json_object('kind', 'all', 'changes', json_group_array(json(coalesce((
      SELECT json_set(json_remove(change.value, '$.note'), '$.who', said.who, '$.value', json(coalesce(said.content, 'null')))
      FROM said WHERE said.edit_id = edit.id AND said.kind = change.value ->> '$.kind'
        AND said.model_id = coalesce(change.value ->> '$.modelId', 0) AND said.clip_id = change.value ->> '$.clipId'),
      change.value))))
    FROM json_each(iif(forward ->> '$.kind' = 'all', forward -> '$.changes', json_array(json(forward)))) AS change),
  inverse = (
    SELECT json_object('kind', 'all', 'changes', json_group_array(json(coalesce((
      SELECT json_set(json_remove(change.value, '$.note'), '$.who', said.who, '$.value', json(coalesce(said.before, 'null')))
      FROM said WHERE said.edit_id = edit.id AND said.kind = change.value ->> '$.kind'
        AND said.model_id = coalesce(change.value ->> '$.modelId', 0) AND said.clip_id = change.value ->> '$.clipId'),
      change.value))))
    FROM json_each(iif(inverse ->> '$.kind' = 'all', inverse -> '$.changes', json_array(json(inverse)))) AS change)
WHERE id IN (SELECT edit_id FROM said);
DROP TABLE held;
DROP TABLE said;
