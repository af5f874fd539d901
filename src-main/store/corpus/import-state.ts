/** Conditions on rows of clips and captions, by the import that they came by. */

/** They are not on their way. */
export const NOT_STAGED = `(import_id IS NULL OR import_id NOT IN (SELECT id FROM import WHERE state = 'staged'))`

/** Their import is there, or they came by none: people see them, if only among what was removed. */
export const SEEN = `(import_id IS NULL OR import_id IN (SELECT id FROM import WHERE state = 'present'))`

/** Their import was undone. */
export const UNDONE = `(import_id IS NOT NULL AND import_id IN (SELECT id FROM import WHERE state = 'undone'))`
