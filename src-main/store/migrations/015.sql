-- Whether what a version learnt is said by other searches and with frames left out, too; null: nobody looked.
ALTER TABLE correction ADD COLUMN lasts INTEGER CHECK (lasts IN (0, 1));
-- Ids of clips that a person left out of those that the correction would carry to.
ALTER TABLE correction ADD COLUMN left_out TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(left_out));
