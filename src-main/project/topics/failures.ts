import { defineFailures } from '../../common/failures.ts'

const TRY_AGAIN = 'Try it again.'
const VECTOR_FORMATS = 'Give a CSV of an id and K columns of 0 and 1 (or of shares), or a .npy of [clips, K].'
const CHECK_SPELLING = 'Check the spelling; stop words and rare words are left out.'
const CHOOSE_WORDS = 'Choose among its words.'
const DIVIDE_SHARES = 'Divide them by their sum, or make them 0 and 1.'

export const failures = defineFailures('topics', {
  // Before there are topics.
  noTopics: {
    code: 'NOT_READY',
    message: 'This project has no topics yet.',
    remedy: 'Find topics first, or import topic vectors.',
  },
  noTrainingCaptions: {
    code: 'NOT_READY',
    message: 'No clip of the training split has a caption to find topics in.',
    remedy:
      'Move clips into the training split or import captions; or find topics in all clips (--from all).',
  },
  noWords: {
    code: 'NOT_READY',
    message: 'No topic has any words.',
    remedy: 'Give topics words first: imported vectors come without.',
  },

  // Topics that can't be edited: where they went.
  merged: {
    code: 'CONFLICT',
    message: 'The topic "{topic}" was merged into "{into}".',
    remedy: 'Use "{into}", or undo the merge.',
  },
  split: {
    code: 'CONFLICT',
    message: 'The topic "{topic}" was split into others.',
    remedy: 'Use these, or undo the split.',
  },
  replaced: {
    code: 'CONFLICT',
    message: 'The topic "{topic}" was replaced when topics were found anew.',
    remedy: 'Use the new topics, or undo that.',
  },
  junk: {
    code: 'CONFLICT',
    message: 'The topic "{topic}" is marked as junk.',
    remedy: 'Make it active first.',
  },
  deleted: {
    code: 'CONFLICT',
    message: 'The topic "{topic}" was deleted.',
    remedy: 'Make it active first.',
  },

  // Edits of topics and their words.
  mergeIntoItself: {
    code: 'BAD_INPUT',
    message: 'The topic "{topic}" can\'t be merged into itself.',
    remedy: 'Choose other topics to merge into it.',
  },
  noneLeft: {
    code: 'CONFLICT',
    message: 'Without {topics} no topic would be left.',
    remedy: 'Keep at least one.',
  },
  wordMissing: {
    code: 'BAD_INPUT',
    message: 'The topic "{topic}" has no word {words}.',
    remedy: CHOOSE_WORDS,
  },
  wordsMissing: {
    code: 'BAD_INPUT',
    message: 'The topic "{topic}" has no words {words}.',
    remedy: CHOOSE_WORDS,
  },
  moveWithinTopic: {
    code: 'BAD_INPUT',
    message: 'Words of "{topic}" can\'t be moved into the same topic.',
    remedy: 'Choose another topic.',
  },
  wordForbidden: {
    code: 'CONFLICT',
    message: 'The word "{word}" is forbidden in "{topic}".',
    remedy: 'Allow it there first.',
  },
  wordUnknown: {
    code: 'BAD_INPUT',
    message: '{words} is not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },
  wordsUnknown: {
    code: 'BAD_INPUT',
    message: '{words} are not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },

  // Splitting and creating topics, and giving them to clips.
  noWordsToSplit: {
    code: 'BAD_INPUT',
    message: 'The topic "{topic}" has no words to split it by.',
    remedy: 'Give it words, or create topics from clips.',
  },
  noClipsToSplit: {
    code: 'BAD_INPUT',
    message: 'No clip has a share of the topic "{topic}": there is nothing to split.',
    remedy: 'Create a topic instead.',
  },
  wordsEditedMeanwhile: {
    code: 'CONFLICT',
    message: 'The words of "{topic}" were edited meanwhile.',
    remedy: TRY_AGAIN,
  },
  foundMeanwhile: {
    code: 'CONFLICT',
    message: 'Clips were given their topics anew meanwhile.',
    remedy: TRY_AGAIN,
  },
  editedMeanwhile: {
    code: 'CONFLICT',
    message: 'Topics were edited while clips were given theirs.',
    remedy: 'Start it again.',
  },

  snapshotKnown: {
    code: 'CONFLICT',
    message: 'There is a snapshot "{snapshot}" already.',
    remedy: 'Choose another name.',
  },

  // Files of topic vectors: as a whole.
  idsOfCsv: {
    code: 'BAD_INPUT',
    message: '{file} names its clips itself: a file of ids goes with a .npy.',
    remedy: 'Leave the file of ids out.',
  },
  noVectors: { code: 'BAD_INPUT', message: '{file} holds no vectors.', remedy: VECTOR_FORMATS },
  noTopic: {
    code: 'BAD_INPUT',
    message: '{file} has no topic: vectors need two columns at least.',
    remedy: VECTOR_FORMATS,
  },
  singleTopic: {
    code: 'BAD_INPUT',
    message: '{file} has a single topic: vectors need two columns at least.',
    remedy: VECTOR_FORMATS,
  },
  tooManyTopics: {
    code: 'BAD_INPUT',
    message: '{file} has {topics} topics; {limit} is the most.',
    remedy: 'Leave columns out.',
  },
  notATable: {
    code: 'BAD_INPUT',
    message: '{file} has shape ({shape}); vectors are a table of [clips, K].',
    remedy: VECTOR_FORMATS,
  },
  idCount: {
    code: 'BAD_INPUT',
    message: '{file} names {ids} clips, but {vectors} has {rows} rows.',
    remedy: 'Write one name a line, in the order of the rows.',
  },
  labelCount: {
    code: 'BAD_INPUT',
    message: '{file} holds {labels} labels, but {vectors} has {columns} columns.',
    remedy: 'Write one label a line, in the order of the columns.',
  },
  rowCount: {
    code: 'BAD_INPUT',
    message: '{file} has {rows} rows, but the project has {clips:clip|clips}.',
    remedy: 'Name the clips of its rows in a file of ids.',
  },

  // Files of topic vectors: a line or row of them.
  clipUnnamed: { code: 'BAD_INPUT', message: '{file} line {line}: the clip has no name.' },
  quoteOpen: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: a quote is opened and never closed.',
    remedy: VECTOR_FORMATS,
  },
  notCsv: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the row is not valid CSV.',
    remedy: VECTOR_FORMATS,
  },
  columnLabelTooLong: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the name "{label}..." has more than {limit} characters.',
  },
  labelTooLong: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the label has more than {limit} characters.',
  },
  valueCount: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {values} values where the first line has {columns}.',
    remedy: VECTOR_FORMATS,
  },
  notAShare: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" in column {column} is no value from 0 to 1.',
    remedy: 'Values are 0 and 1, or shares between them.',
  },
  notAShareInArray: {
    code: 'BAD_INPUT',
    message:
      '{file} row {row}, column {column} (counted from 0) is {value}: values are 0 and 1, or shares between them.',
    remedy: 'Scale the values.',
  },
  sumTooLarge: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the shares sum to {sum}, more than the whole.',
    remedy: DIVIDE_SHARES,
  },
  sumTooLargeInArray: {
    code: 'BAD_INPUT',
    message: '{file} row {row} (counted from 0): the shares sum to {sum}, more than the whole.',
    remedy: DIVIDE_SHARES,
  },
  clipAmbiguous: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{clip}" may mean several clips.',
    remedy: "Write the clip's name in full.",
  },
  clipUnknown: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the project has no clip called "{clip}".',
    remedy: 'Leave the row out, or import the clip first.',
  },
  clipTwice: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the clip "{clip}" is in line {earlier} already.',
  },
})
