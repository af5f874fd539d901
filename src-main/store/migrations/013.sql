-- How neurons rank clips that their model has not learnt from by whether they bear a topic: of a neuron with its topic, and of
-- all (the split, the clips, the tests, and what few neurons tell of each topic). Null: not measured.
ALTER TABLE neuron ADD COLUMN held_out_precision REAL;
ALTER TABLE neuron ADD COLUMN held_out_auc REAL;
ALTER TABLE neuron ADD COLUMN held_out_p REAL;
ALTER TABLE neuron ADD COLUMN held_out_q REAL;
ALTER TABLE neuron_map ADD COLUMN alignment TEXT CHECK (alignment IS NULL OR json_valid(alignment));
-- The training clips that a map's differences are averaged over. Null: clips of all splits, as older versions did.
ALTER TABLE neuron_map ADD COLUMN training_clips INTEGER;
-- Neurons against what clips are known to show over time. Null: not measured.
ALTER TABLE neuron_map ADD COLUMN over_time TEXT CHECK (over_time IS NULL OR json_valid(over_time));
