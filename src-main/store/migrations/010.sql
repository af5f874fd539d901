-- Features of one making: by one encoder with its settings, made elsewhere, or joined of others. A project has several, of
-- which one is current (setting `featureSet`); a model keeps the key of the one that it was trained on.
CREATE TABLE feature_set (
  key TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  -- How it was made: see `storedFeatureOrigin`.
  origin TEXT NOT NULL CHECK (json_valid(origin)),
  -- Frames of a clip, at most, and values of a frame.
  frames INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  -- A person took it away: its files stay until room is made, and it can be restored.
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What was computed before, by the built-in encoder: its keys end in 12 digits of its checksum, frames and grid. Of a model
-- whose features were freed the dimension is known by the grid.
INSERT INTO feature_set (key, title, origin, frames, dimension, created_at)
SELECT key, 'SSD-MobileNetV2 backbone (Open Images v4)',
  json_object('kind', 'encoder', 'encoder', substr(stem, 1, length(stem) - 13), 'fingerprint', substr(stem, -12),
    'frames', frames, 'grid', grid),
  frames, coalesce(dimension, iif(grid = 1, 2080, 2464)), strftime('%Y-%m-%dT%H:%M:%fZ')
FROM (
  SELECT key, max(dimension) AS dimension,
    substr(key, 1, instr(key, '-frames') - 1) AS stem,
    CAST(substr(key, instr(key, '-frames') + 7) AS INTEGER) AS frames,
    CAST(substr(key, instr(key, '-grid') + 5) AS INTEGER) AS grid
  FROM (
    SELECT key, dimension FROM feature
    UNION ALL SELECT feature_key, NULL FROM model
    UNION ALL SELECT value ->> '$.key', value ->> '$.dimension' FROM setting WHERE key = 'features'
  )
  GROUP BY key
)
WHERE key GLOB '*-????????????-frames*-grid*';

INSERT INTO setting (key, value)
SELECT 'featureSet', json_quote(value ->> '$.key') FROM setting
WHERE key = 'features' AND value ->> '$.key' IN (SELECT key FROM feature_set);
DELETE FROM setting WHERE key = 'features';
