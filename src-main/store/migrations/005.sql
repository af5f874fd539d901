-- What a job made, so that nobody has to look for it; jobs of older versions have none.
ALTER TABLE job ADD COLUMN result TEXT CHECK (result IS NULL OR json_valid(result));

-- The check of captions has the name that the window gives it.
UPDATE job SET kind = 'checks' WHERE kind = 'hygiene';
UPDATE setting SET key = 'captionsCheckedAt' WHERE key = 'hygieneCheckedAt';
