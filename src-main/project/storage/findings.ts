/** What a check can find, as sentences with keys: another language has its own by the same keys. */
import type { CheckFinding } from '#contract'
import { defineFailures } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'

export const failures = defineFailures('check', {
  databaseDamaged: {
    code: 'CONFLICT',
    message: 'The project file project.sqlite is damaged: {problem}.',
    remedy:
      'Close the project, then "vitrine check PROJECT --repair" saves what can be read; or restore a backup.',
  },
  rowsAstray: {
    code: 'CONFLICT',
    message: '{rows:row|rows} of {table} without the row of {parent} that each refers to.',
    remedy: 'Repair takes them out, into a file beside the database; a backup is made before.',
  },
  rowsTakenOut: {
    code: 'CONFLICT',
    message:
      '{rows:row|rows} of {table} without the row of {parent} that each refers to. They are in {folder}/lost-rows.jsonl now.',
  },
  searchAstray: {
    code: 'CONFLICT',
    message: 'The index of the search is not that of the captions.',
    remedy: 'Repair builds it anew.',
  },
  modelCutShort: {
    code: 'CONFLICT',
    message: 'The files of model {modelId} in {folder} are gone or cut short.',
    remedy: 'Bring the folder back from a copy of the project, or delete the model and train it again.',
  },
  videosGone: {
    code: 'CONFLICT',
    message: '{clips:clip|clips} without a video where it was: {names}.',
    remedy: 'Bring the videos back, or import them from where they are now.',
  },
  halfWritten: {
    code: 'CONFLICT',
    message: '{files:file|files} ({size}), left half written by a program that was killed.',
    remedy: 'Repair removes them.',
  },
  stray: {
    code: 'CONFLICT',
    message: '{files:file|files} ({size}) of nothing in the project or its backups: {names}.',
    remedy: 'Repair removes them.',
  },
  picturesEmpty: {
    code: 'CONFLICT',
    message: '{pictures:empty picture|empty pictures} for the window.',
    remedy: 'Repair removes them; they are made again when they are looked at.',
  },
  backupDamaged: {
    code: 'CONFLICT',
    message: 'The backup {name} is damaged.',
    remedy: 'Remove it, and make a new one.',
  },
})

/** A finding as the check tells it. */
export const findingOf = (
  part: CheckFinding['part'],
  { key, values, message, remedy }: VitrineError,
  mended: boolean,
): CheckFinding => ({ part, key, values, message, mended, remedy: mended ? null : remedy })
