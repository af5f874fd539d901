import { defineFailures } from '../../common/failures.ts'

const CHECK_SPELLING = 'Check the spelling; stop words and words in too few or too many clips are left out.'
const LEAVE_WORDS_OUT = 'Check the spelling, or leave them out.'
const CAPTION_FIRST = 'Leave them out, or caption them first.'
const WORDS_OF_TOPIC = 'Choose among the words of the topic.'
const CHOOSE_PARTS = 'Choose the words or the videos of each part.'
const FEWER_TOPICS = 'Ask for at most {clips} topics; a third of the clips or fewer is sensible.'
const IN_ONE_PART = 'Leave it in one, or in none: then it goes where it fits best.'

export const failures = defineFailures('engine.topics', {
  // The words and clips of a fit.
  noVocabulary: {
    code: 'BAD_INPUT',
    message:
      'No word is left to find topics in: of the {words} words of {clips} captioned clips, none but stop words occurs in at least {fewest} and at most {most} clips.',
    remedy: 'Lower the minimum document frequency or raise the maximum document share.',
  },
  wordTooFrequent: {
    code: 'BAD_INPUT',
    message:
      'The word "{word}" occurs {count:time|times}: with {topics} topics a word can be counted up to {limit:time|times}.',
    remedy: 'Make it a stop word, or lower the maximum document share.',
  },
  moreTopicsThanClips: {
    code: 'BAD_INPUT',
    message: '{topics} topics are more than the {clips} clips whose captions have words to find topics in.',
    remedy: FEWER_TOPICS,
  },
  burnInTooLong: {
    code: 'BAD_INPUT',
    message: 'A burn-in of {burnIn} sweeps leaves none of {sweeps} to take topics from.',
    remedy: 'Ask for more sweeps or a shorter burn-in.',
  },

  // Topics that are laid down beforehand.
  moreTopicsGiven: {
    code: 'BAD_INPUT',
    message: '{given} topics are given, but only {topics} are to be found.',
    remedy: 'Ask for at least {given} topics.',
  },
  fixedTopicWithSeeds: {
    code: 'BAD_INPUT',
    message: 'The fixed topic {topic} has seed words.',
    remedy: 'Remove its seeds, or let the topic change.',
  },
  fixedTopicEmpty: {
    code: 'BAD_INPUT',
    message: 'The fixed topic {topic} has no word that occurs in the captions.',
    remedy: 'Give it the words and counts that it is to keep.',
  },
  seedUnknown: {
    code: 'BAD_INPUT',
    message: 'The seed word {words} of topic {topic} is not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },
  seedsUnknown: {
    code: 'BAD_INPUT',
    message: 'The seed words {words} of topic {topic} are not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },
  pinnedWordUnknown: {
    code: 'BAD_INPUT',
    message: 'The pinned word {words} of topic {topic} is not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },
  pinnedWordsUnknown: {
    code: 'BAD_INPUT',
    message: 'The pinned words {words} of topic {topic} are not among the words that topics are found in.',
    remedy: CHECK_SPELLING,
  },
  wordInNoTopic: {
    code: 'BAD_INPUT',
    message: 'No topic may hold the word "{word}".',
    remedy: 'Allow it in one, or make it a stop word.',
  },

  // A topic made by hand.
  notOneWord: {
    code: 'BAD_INPUT',
    message: '"{word}" is not one word of the captions, nor a phrase that topics know.',
    remedy: 'Give its words one by one.',
  },
  wordInNoCaption: {
    code: 'BAD_INPUT',
    message: 'No caption of the clips that topics are found in has the word {words}.',
    remedy: LEAVE_WORDS_OUT,
  },
  wordsInNoCaption: {
    code: 'BAD_INPUT',
    message: 'No caption of the clips that topics are found in has the words {words}.',
    remedy: LEAVE_WORDS_OUT,
  },
  clipWithoutWords: {
    code: 'BAD_INPUT',
    message: '1 of the {clips} clips has no caption with words to make a topic of (clip {clipId}).',
    remedy: CAPTION_FIRST,
  },
  clipsWithoutWords: {
    code: 'BAD_INPUT',
    message: '{empty} of the {clips} clips have no caption with words to make a topic of (clip {clipIds}).',
    remedy: CAPTION_FIRST,
  },

  clipsNotRead: {
    code: 'BAD_INPUT',
    message:
      'None of the {clips:clip|clips} is one that topics are found in, so there are no words to make a topic of.',
    remedy:
      'Choose training clips too: the words come from these, and the topic is set for all that were chosen.',
  },

  // A topic in parts.
  wordNotInTopic: {
    code: 'BAD_INPUT',
    message: 'The topic has no word {words}.',
    remedy: WORDS_OF_TOPIC,
  },
  wordsNotInTopic: {
    code: 'BAD_INPUT',
    message: 'The topic has no words {words}.',
    remedy: WORDS_OF_TOPIC,
  },
  wordInTwoParts: {
    code: 'BAD_INPUT',
    message: 'The word "{word}" is in two parts.',
    remedy: IN_ONE_PART,
  },
  clipNotInTopic: {
    code: 'BAD_INPUT',
    message: 'Clip {clipId} has no share of the topic.',
    remedy: 'Choose among the videos of the topic.',
  },
  clipInTwoParts: {
    code: 'BAD_INPUT',
    message: 'Clip {clipId} is in two parts.',
    remedy: IN_ONE_PART,
  },
  inseparable: {
    code: 'BAD_INPUT',
    message: 'The topic does not fall into two: its words occur in the same captions.',
    remedy: CHOOSE_PARTS,
  },
  partEmpty: {
    code: 'BAD_INPUT',
    message: 'Part {part} would have no word of the topic.',
    remedy: CHOOSE_PARTS,
  },
})
