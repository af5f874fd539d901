import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('training', {
  // Training, and going on with it.
  noTopics: {
    code: 'NOT_READY',
    message: 'This project has no topics yet.',
    remedy: 'Find topics first: training ties neurons to them.',
  },
  noTrainingClips: {
    code: 'NOT_READY',
    message:
      'The training split has no clip with both captions and features: of its {clips:clip|clips}, {captioned} have captions and {withFeatures} have features.',
    remedy: 'Put clips into the training split, give them captions, or compute features.',
  },
  inputsChanged: {
    code: 'CONFLICT',
    message: "Model {modelId} can't train on: {inputs} have changed since it began.",
    remedy: 'Undo the change, keep the best parameters so far, or train a new model.',
  },
  inTraining: { code: 'CONFLICT', message: 'Model {modelId} is being trained.' },
  noCheckpoint: {
    code: 'CONFLICT',
    message: 'Model {modelId} ended before its first checkpoint: there is nothing to go on with.',
    remedy: 'Train a new model.',
  },
  notEndedEarly: {
    code: 'CONFLICT',
    message: 'Model {modelId} is {state}, not a run that ended early: there is nothing to go on with.',
    remedy: 'Train a new model.',
  },
  modelFileDamaged: {
    code: 'BAD_INPUT',
    message: '{path} is not the description of a model.',
    remedy: 'Restore it from a copy, or train again.',
  },
  nothingToKeep: {
    code: 'CONFLICT',
    message: 'Model {modelId} is {state} and has no parameters to keep.',
    remedy: 'Choose a stopped or failed run that got to its first validation.',
  },

  // Going over to edited topics.
  baselineTopics: {
    code: 'CONFLICT',
    message: 'Model {modelId} is a baseline: its topic head was never trained.',
    remedy: 'Choose an interpretive model.',
  },
  topicsUnchanged: { code: 'CONFLICT', message: "Model {modelId} has the project's topics already." },
  notRemappable: {
    code: 'CONFLICT',
    message: "Model {modelId} can't be remapped. {reasons}",
    remedy: 'Refine it, or train a new model: it has to learn what is new.',
  },
  noTopicsToRefine: {
    code: 'NOT_READY',
    message: 'This project has no topics.',
    remedy: 'Find topics first.',
  },

  // Choosing, finding and deleting.
  notReady: {
    code: 'CONFLICT',
    message: "Model {modelId} is {state}: it can't be the current one.",
    remedy: 'Choose a model that is ready.',
  },
  topicUnknown: {
    code: 'NOT_FOUND',
    message: 'Model {modelId} has no topic {topic}.',
    remedy: 'Use an id or a label from "vitrine topics".',
  },
  seriesUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no series {series}.',
    remedy: 'A series has the number of its first model.',
  },
  currentUndeletable: {
    code: 'CONFLICT',
    message: "Model {modelId} is the current one: it can't be deleted.",
    remedy: 'Choose another current model, or delete the later versions first.',
  },
  inTrainingUndeletable: {
    code: 'CONFLICT',
    message: "Model {modelId} is being trained: it can't be deleted.",
    remedy: 'Choose another current model, or delete the later versions first.',
  },
  parentUndeletable: {
    code: 'CONFLICT',
    message: "Model {modelId} is what model {versions} came from: it can't be deleted.",
    remedy: 'Choose another current model, or delete the later versions first.',
  },
  queuedUndeletable: {
    code: 'CONFLICT',
    message: "Model {modelId} has {corrections:correction|corrections} in the queue: it can't be deleted.",
    remedy: 'Choose another current model, or delete the later versions first.',
  },

  notInTrash: {
    code: 'CONFLICT',
    message: 'Model {modelId} is not in the trash.',
    remedy: 'Delete it first.',
  },
  emptied: {
    code: 'CONFLICT',
    message: 'The trash was emptied of model {modelId}: its files are gone.',
    remedy: 'Train a new model.',
  },

  // Models of other systems.
  captionAmbiguous: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {clip} may be several clips of the project.',
    remedy: 'Call it by more of its path.',
  },
  captionTwice: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {clip} has a caption already, at {earlier}.',
    remedy: 'A model says one thing of a clip: leave one of the two, or import them as two models.',
  },
  scoreUnreadable: {
    code: 'BAD_INPUT',
    message: '{file} {place}: the score "{score}" is no number.',
    remedy: 'Write a number that is higher where the system is surer, or leave the column out.',
  },
  captionsWithoutClips: {
    code: 'NOT_READY',
    message: '{file} can’t be matched: the project has no clips yet.',
    remedy: 'Import the clips that it describes first.',
  },
  captionsOfOtherClips: {
    code: 'BAD_INPUT',
    message:
      '{file} describes no clip of this project: it speaks of {inFile}, and the clips are called {inProject}.',
    remedy: 'Choose the file of this corpus, or give a file of two names for each clip.',
  },

  // Models that another project exported.
  exportedFile: {
    code: 'BAD_INPUT',
    message: '{path} is not as an export of a model has it: {reason}.',
    remedy: 'Export the model again, and take all of its files along.',
  },
  exportedParts: {
    code: 'BAD_INPUT',
    message: 'The files in {folder} are not of one model: it has {one} and {other} {what}.',
    remedy: 'Export the model again, and take all of its files along.',
  },
  exportedFeatures: {
    code: 'CONFLICT',
    message:
      'The model reads features that another program computed ({title}, {dimension} values a frame), and the current ones here are others.',
    remedy: 'Import such features of the clips of this project first, and make them the current ones.',
  },
  otherTopics: {
    code: 'CONFLICT',
    message: 'The project has {topics:topic|topics} of its own, and the model others.',
    remedy:
      'Take it in with --replace-topics (a box in the window): its topics take their place, as one edit that can be undone.',
  },

  // Scoring and comparing captions.
  splitNotCaptioned: {
    code: 'NOT_READY',
    message: 'Model {modelId} has not captioned the {split} split.',
    remedy: 'Caption it first: vitrine caption {project} --model {modelId} --split {split}',
  },
  nothingInCommon: {
    code: 'NOT_READY',
    message: 'There is no clip of the {split} split that both models captioned and that has human captions.',
    remedy: 'Caption the split with both models.',
  },
  severalCaptions: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {clip} has more than one caption to score.',
    remedy: 'Give one caption for each id.',
  },
  noReference: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {references} has no reference for {clip}.',
  },
  captionsMissing: {
    code: 'BAD_INPUT',
    message: '{file}: {missing:id|ids} of {references} without a caption, {clip} for one.',
    remedy:
      'Score captions against the references of the same clips only: the others would change the document frequencies of CIDEr.',
  },
})
