-- The owner that runs a job (store/owners.ts) in place of its process number, which another process may get.
ALTER TABLE job DROP COLUMN process;
ALTER TABLE job ADD COLUMN owner TEXT;
-- What `params` are the input of, as noun.name of the contract: with it the job can be started again.
ALTER TABLE job ADD COLUMN procedure TEXT;
-- The job that was started in its place.
ALTER TABLE job ADD COLUMN restarted_as INTEGER REFERENCES job;

UPDATE job SET procedure = CASE kind
  WHEN 'sample' THEN 'corpus.renderSample'
  WHEN 'import' THEN 'corpus.import'
  WHEN 'features' THEN 'corpus.computeFeatures'
  WHEN 'checks' THEN 'corpus.checkCaptions'
  WHEN 'caption' THEN 'review.generate'
  WHEN 'neurons' THEN 'neurons.interpret'
  WHEN 'actions' THEN 'actions.transfer'
  WHEN 'export' THEN 'exports.run'
  WHEN 'topics' THEN CASE
    WHEN json_extract(params, '$.k') IS NOT NULL THEN 'topics.extract'
    WHEN json_extract(params, '$.ks') IS NOT NULL THEN 'topics.sweep'
    WHEN json_extract(params, '$.path') IS NOT NULL THEN 'topics.importVectors'
    ELSE 'topics.reassign'
  END
  WHEN 'train' THEN CASE
    WHEN json_extract(params, '$.resume') IS NOT NULL THEN 'training.resume'
    WHEN json_extract(params, '$.remap') IS NOT NULL THEN 'training.remap'
    WHEN json_extract(params, '$.modelId') IS NOT NULL THEN 'training.refine'
    ELSE 'training.train'
  END
  WHEN 'correct' THEN iif(json_extract(params, '$.rerun') IS NULL, 'corrections.learn', 'corrections.rerun')
END;
UPDATE job SET params = CASE
  WHEN procedure IN ('training.resume', 'training.remap', 'corrections.rerun') THEN json_object(
    'modelId', coalesce(params ->> '$.resume', params ->> '$.remap', params ->> '$.rerun'))
  WHEN procedure = 'corrections.learn' THEN json_object('correctionIds', params -> '$.corrections')
  ELSE params
END;

-- How often each table was written: from this one process learns what another one has changed.
CREATE TABLE table_write (
  name TEXT PRIMARY KEY,
  writes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
