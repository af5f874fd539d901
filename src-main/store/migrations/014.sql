-- What there was of clips when a run of topics read their captions: what has moved since is told by that. Null: not known.
ALTER TABLE topic_run ADD COLUMN last_clip INTEGER;
ALTER TABLE topic_run ADD COLUMN last_clip_change INTEGER NOT NULL DEFAULT 0;
