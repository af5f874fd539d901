-- The clips of a comparison of features for actions, with what each was taken for.
ALTER TABLE action_result ADD COLUMN clips TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(clips));
