-- Words that people put on clips to find them again, with who did and when.
CREATE TABLE clip_tag (
  tag TEXT NOT NULL,
  clip_id INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
  who TEXT NOT NULL,
  -- Null: not known.
  at TEXT,
  PRIMARY KEY (tag, clip_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_tag_clip ON clip_tag (clip_id, tag);

-- When a person typed or edited the caption; null: not known, or it is as it was imported.
ALTER TABLE caption ADD COLUMN written_at TEXT;
CREATE TEMP TABLE written AS
SELECT change.value ->> '$.captionId' AS caption_id, max(at) AS at
FROM edit, json_each(iif(forward ->> '$.kind' = 'all', forward -> '$.changes', json_array(json(forward)))) AS change
WHERE undone = 0 AND change.value ->> '$.kind' = 'caption' AND change.value ->> '$.value' IS NOT NULL
GROUP BY caption_id;
UPDATE caption SET written_at = written.at FROM written
WHERE written.caption_id = caption.id AND (source = 'reviewer' OR imported_text IS NOT NULL);
DROP TABLE written;
