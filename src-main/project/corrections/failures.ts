import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('corrections', {
  // Moving neurons.
  topicUnknown: {
    code: 'BAD_INPUT',
    message: 'Model {modelId} was not trained on topic {topicId}.',
    remedy: 'Choose one of its own topics.',
  },
  topicTwice: { code: 'BAD_INPUT', message: "Topic {topicId} can't be both added and dropped." },
  noClips: {
    code: 'NOT_READY',
    message: 'There is no such clip with features for this model.',
    remedy: 'Choose other clips, or compute features.',
  },
  notCaptioned: {
    code: 'NOT_READY',
    message: 'Model {modelId} has not captioned {clip} yet.',
    remedy: 'Caption its split first.',
  },

  // The queue.
  nothingToChange: {
    code: 'BAD_INPUT',
    message: 'There is no topic to add or to drop.',
    remedy: 'Choose at least one, or type the right caption.',
  },
  clipQueued: {
    code: 'CONFLICT',
    message: 'A correction of {clip} waits in the queue already.',
    remedy: 'Take it out first.',
  },
  wordUnknown: {
    code: 'BAD_INPUT',
    message: `The model does not know the word {word}: it can't say it.`,
    remedy: 'Say it in other words, or train a new model on the captions as they are now.',
  },
  wordsUnknown: {
    code: 'BAD_INPUT',
    message: `The model does not know the words {words}: it can't say them.`,
    remedy: 'Say it in other words, or train a new model on the captions as they are now.',
  },
  captionUnchanged: {
    code: 'BAD_INPUT',
    message: 'The caption of {clip} would stay as it is: "{caption}".',
    remedy: 'Choose other topics, a larger strength, or type the caption.',
  },
  notQueued: { code: 'CONFLICT', message: 'Correction {correctionId} is {state}, not in the queue.' },
  queueEmpty: {
    code: 'NOT_READY',
    message: 'No correction waits in the queue.',
    remedy: 'Put one in from Review.',
  },
  clipRemoved: {
    code: 'CONFLICT',
    message: 'Correction {correctionId} is of {clip}, which was removed.',
    remedy: 'Restore the clip, or take the correction out of the queue.',
  },
  unrelatedModels: {
    code: 'CONFLICT',
    message: 'These corrections are of models {models}, which do not come from each other.',
    remedy: 'Learn those of each model by themselves.',
  },
  takenOut: { code: 'NOT_FOUND', message: 'Correction {correctionId} was taken out of the queue.' },

  // Versions that learnt.
  nothingLearnt: { code: 'NOT_FOUND', message: 'Model {modelId} learnt no correction.' },
  decided: { code: 'CONFLICT', message: 'The corrections of model {modelId} are {state} already.' },
  notKept: { code: 'CONFLICT', message: 'Model {modelId} is no correction that was kept.' },
  noneKept: {
    code: 'NOT_READY',
    message: 'No correction is kept yet.',
    remedy: 'Keep one first.',
  },
})
