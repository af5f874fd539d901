-- A clip is a video, a still picture (one frame), or a folder of frames; all of it, or the part between two times, in seconds
-- of the file. The content of a part (content_hash, and that of its features) is its file's with the times behind:
-- HASH@12.000-15.500.
ALTER TABLE clip ADD COLUMN kind TEXT NOT NULL DEFAULT 'video' CHECK (kind IN ('video', 'picture', 'frames'));
ALTER TABLE clip ADD COLUMN start_seconds REAL;
ALTER TABLE clip ADD COLUMN end_seconds REAL;
