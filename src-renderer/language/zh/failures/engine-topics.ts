import type { FailureTexts } from '../../failure-texts.ts'

const CHECK_SPELLING = '请检查拼写；停用词以及出现在过少或过多片段中的词不计在内。'
const LEAVE_WORDS_OUT = '请检查拼写，或去掉它们。'
const CAPTION_FIRST = '请去掉它们，或先添加描述。'
const WORDS_OF_TOPIC = '请从该主题的词中选择。'
const CHOOSE_PARTS = '请选择每一部分的词或视频。'
const IN_ONE_PART = '请只留在一部分中，或都不留：那样它会归入最合适的部分。'

export const engineTopics: FailureTexts = {
  noVocabulary: {
    message:
      '没有剩下可用于提取主题的词：{clips} 个有描述的片段共有 {words} 个词，除停用词外，没有一个出现在至少 {fewest} 个、至多 {most} 个片段中。',
    remedy: '请降低最小文档频率，或提高最大文档占比。',
  },
  wordTooFrequent: {
    message: '词“{word}”出现 {count} 次：有 {topics} 个主题时，一个词最多可计 {limit} 次。',
    remedy: '请将它设为停用词，或降低最大文档占比。',
  },
  moreTopicsThanClips: {
    message: '{topics} 个主题多于描述中有可用词的 {clips} 个片段。',
    remedy: '请至多提取 {clips} 个主题；片段数的三分之一或更少较为合适。',
  },
  burnInTooLong: {
    message: '预热 {burnIn} 遍后，{sweeps} 遍中没有剩下可取主题的。',
    remedy: '请增加遍数或缩短预热。',
  },

  // Topics that are laid down beforehand.
  moreTopicsGiven: {
    message: '给出了 {given} 个主题，却只要提取 {topics} 个。',
    remedy: '请至少提取 {given} 个主题。',
  },
  fixedTopicWithSeeds: {
    message: '固定的主题 {topic} 带有种子词。',
    remedy: '请去掉种子词，或允许该主题变化。',
  },
  fixedTopicEmpty: {
    message: '固定的主题 {topic} 没有在描述中出现的词。',
    remedy: '请给出它要保留的词和计数。',
  },
  seedUnknown: {
    message: '主题 {topic} 的种子词 {words} 不在提取主题所用的词中。',
    remedy: CHECK_SPELLING,
  },
  seedsUnknown: {
    message: '主题 {topic} 的这些种子词不在提取主题所用的词中：{words}。',
    remedy: CHECK_SPELLING,
  },
  pinnedWordUnknown: {
    message: '主题 {topic} 的固定词 {words} 不在提取主题所用的词中。',
    remedy: CHECK_SPELLING,
  },
  pinnedWordsUnknown: {
    message: '主题 {topic} 的这些固定词不在提取主题所用的词中：{words}。',
    remedy: CHECK_SPELLING,
  },
  wordInNoTopic: {
    message: '没有主题可以包含词“{word}”。',
    remedy: '请在某个主题中允许它，或将它设为停用词。',
  },

  // A topic made by hand.
  notOneWord: {
    message: '“{word}”不是描述中的一个词，也不是主题认识的短语。',
    remedy: '请逐个给出其中的词。',
  },
  wordInNoCaption: {
    message: '提取主题所用的片段，描述中都没有词 {words}。',
    remedy: LEAVE_WORDS_OUT,
  },
  wordsInNoCaption: {
    message: '提取主题所用的片段，描述中都没有这些词：{words}。',
    remedy: LEAVE_WORDS_OUT,
  },
  clipWithoutWords: {
    message: '{clips} 个片段中有 1 个的描述没有可组成主题的词（片段 {clipId}）。',
    remedy: CAPTION_FIRST,
  },
  clipsWithoutWords: {
    message: '{clips} 个片段中有 {empty} 个的描述没有可组成主题的词（片段 {clipIds}）。',
    remedy: CAPTION_FIRST,
  },
  clipsNotRead: {
    message: '{clips} 个片段都不在提取主题所用的片段中，因此没有可组成主题的词。',
    remedy: '请也选择训练片段：词来自它们，而主题会赋给所有选中的片段。',
  },

  // A topic in parts.
  wordNotInTopic: { message: '该主题没有词 {words}。', remedy: WORDS_OF_TOPIC },
  wordsNotInTopic: { message: '该主题没有这些词：{words}。', remedy: WORDS_OF_TOPIC },
  wordInTwoParts: { message: '词“{word}”在两个部分中。', remedy: IN_ONE_PART },
  clipNotInTopic: { message: '片段 {clipId} 不含该主题。', remedy: '请从该主题的视频中选择。' },
  clipInTwoParts: { message: '片段 {clipId} 在两个部分中。', remedy: IN_ONE_PART },
  inseparable: { message: '该主题无法分成两个：它的词出现在同样的描述中。', remedy: CHOOSE_PARTS },
  partEmpty: { message: '第 {part} 部分不会有该主题的词。', remedy: CHOOSE_PARTS },
}
