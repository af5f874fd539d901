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

  // A file of classes.
  notAClass: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not clip<TAB>class.',
    remedy: 'Write a clip and its class a line, with a tab or a comma between them.',
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
    message: '{file} gives clips with features {classes:class|classes}; at least two are needed.',
    remedy: "Name clips of this project, by their names or their videos' file names.",
  },
})
