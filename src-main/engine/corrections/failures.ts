import { defineFailures, VitrineError } from '../../common/failures.ts'

const OTHER_WORDS = 'Say it in words of the training captions.'

export const failures = defineFailures('engine.corrections', {
  noTrainingClips: {
    code: 'NOT_READY',
    message: 'There are no training clips to tell the corrected ones from.',
    remedy: 'Import a training split and compute its features.',
  },
  nothingToLearn: {
    code: 'BAD_INPUT',
    message: 'There is no correction to learn.',
    remedy: 'Choose a topic to add or to drop.',
  },
  clipTwice: {
    code: 'BAD_INPUT',
    message: 'Two corrections are of the same clip.',
    remedy: 'Keep one of them.',
  },
  noWords: {
    code: 'BAD_INPUT',
    message: 'A corrected caption has no words.',
    remedy: 'Choose another strength or other topics, or type the caption.',
  },
  wordUnknown: {
    code: 'BAD_INPUT',
    message: 'The model does not know the word {words}.',
    remedy: OTHER_WORDS,
  },
  wordsUnknown: {
    code: 'BAD_INPUT',
    message: 'The model does not know the words {words}.',
    remedy: OTHER_WORDS,
  },
  captionTooLong: {
    code: 'BAD_INPUT',
    message: 'The caption has {words} words; the model says at most {maxWords}.',
    remedy: 'Shorten it.',
  },
})

/** Where neurons were not interpreted a typed caption is learnt all the same; it carries to nothing. Throws other errors again. */
export function withoutMap(error: unknown): null {
  if (error instanceof VitrineError && error.code === 'NOT_READY') {
    return null
  }
  throw error
}
