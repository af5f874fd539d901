import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('actions', {
  otherFeatures: {
    code: 'CONFLICT',
    message: 'Model {modelId} was trained on other features than those in force.',
    remedy: 'Compute features with the settings that it was trained on.',
  },
  encoderChanged: {
    code: 'CONFLICT',
    message: 'The frame encoder has changed since the features were computed.',
    remedy: 'Compute features again, then train.',
  },
  featuresFromElsewhere: {
    code: 'BAD_INPUT',
    message: 'The features of {title} were not made by one encoder: none can be made of other clips here.',
    remedy: 'Make features of a frame encoder the current ones, train on them, and try again.',
  },
  noFolder: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} does not exist.',
    remedy: 'Choose a folder with one folder of clips for each class.',
  },
  tooFewClasses: {
    code: 'BAD_INPUT',
    message: '{folder} holds {folders:folder|folders}; at least two classes are needed.',
    remedy: 'Put the clips of each class into a folder of its own.',
  },
  noClips: {
    code: 'BAD_INPUT',
    message: '{folder} holds no clip that can be read.',
    remedy: 'Put the clips of each class into a folder of its own.',
  },

  notAPair: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not two classes of the folder with a tab between them.',
  },

  // A table of classes.
  notAClass: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not clip<TAB>class.',
    remedy:
      'Write a clip, its class and, where it has company, its group a line, with tabs or commas between them.',
  },
  clipOfTwoClasses: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {clip} is {class} here and {earlier} above.',
  },
  classClipAmbiguous: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {clip} could be several clips.',
    remedy: 'Write the path inside the video folder.',
  },
  tooFewClassesOfClips: {
    code: 'BAD_INPUT',
    message: '{file} gives clips {classes:class|classes}; at least two are needed.',
    remedy:
      "Name clips of this project, by their names or their videos' file names, or videos by their paths from the file.",
  },
  noClassesInZip: { code: 'BAD_INPUT', message: '{file} holds no videodatainfo.json.' },
  noCategories: {
    code: 'BAD_INPUT',
    message: "{file} is not MSR-VTT's JSON: its videos have no video_id and category from 0 to 19.",
  },
  notJson: { code: 'BAD_INPUT', message: '{file} line {line}: the text stops being JSON here.' },

  // Split files.
  noSplitFiles: {
    code: 'BAD_INPUT',
    message: '{folder} holds no split files.',
    remedy: "UCF101's are called trainlist01.txt and testlist01.txt, HMDB51's CLASS_test_split1.txt.",
  },
  notASplitLine: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not a clip and 0, 1 or 2.',
  },
  clipOnBothSides: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {clip} is to be learnt from and tested on in the same split.',
  },
  emptySide: {
    code: 'BAD_INPUT',
    message: 'The files of {title} in {folder} name no clip of the corpus to {side} on.',
    remedy: 'Choose the split files of this corpus, both lists of each split.',
  },

  // Folds.
  tooFewClips: {
    code: 'BAD_INPUT',
    message: 'The class "{class}" has {clips:clip|clips}, fewer than the {folds} folds.',
    remedy: 'Use fewer folds, or more clips for each class.',
  },
  tooFewGroups: {
    code: 'BAD_INPUT',
    message:
      'The clips of the class "{class}" come from {groups:group|groups}, fewer than the {folds} folds.',
    remedy: 'Use fewer folds; clips of a group stay together.',
  },
  oneGroup: {
    code: 'BAD_INPUT',
    message:
      'All {clips} clips of the class "{class}" are of one group ({group}): they can\'t be learnt from and asked about.',
    remedy: 'Add clips from other videos, or leave the class out.',
  },
  classInOneFold: {
    code: 'BAD_INPUT',
    message: 'All clips of the class "{class}" fall into one fold, as their groups hang together.',
    remedy: 'Use another seed or number of folds, or leave the class out.',
  },
  classNotLearnt: {
    code: 'BAD_INPUT',
    message: '{title} has no clip of the class "{class}" to learn from.',
    remedy: 'Leave the class out, or choose the split files of this corpus.',
  },
  nothingToTest: { code: 'BAD_INPUT', message: '{title} has no clip to test on that can be read.' },
  clipNotCompared: { code: 'NOT_FOUND', message: 'This comparison has no clip {clip}.' },
  featuresGone: {
    code: 'NOT_READY',
    message: 'The features of {clip} that were compared are gone.',
    remedy: 'Compare again.',
  },
  comparisonTooOld: {
    code: 'CONFLICT',
    message: 'This comparison does not know what its clips show.',
    remedy: 'Compare again, then change classes.',
  },
  twoDivisions: {
    code: 'BAD_INPUT',
    message: 'Split files and leaving one group out are two ways to divide the same clips.',
    remedy: 'Choose one of them.',
  },
})
