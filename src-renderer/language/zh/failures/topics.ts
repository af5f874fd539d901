import type { FailureTexts } from '../../failure-texts.ts'

const TRY_AGAIN = '请重试。'
const VECTOR_FORMATS = '请给出由 id 和 K 列 0 和 1（或占比）组成的 CSV，或形状为 [片段, K] 的 .npy。'
const CHECK_SPELLING = '请检查拼写；停用词和罕见词不计在内。'
const CHOOSE_WORDS = '请从它的词中选择。'
const DIVIDE_SHARES = '请将它们除以总和，或改为 0 和 1。'

export const topics: FailureTexts = {
  // Before there are topics.
  noTopics: { message: '此项目还没有主题。', remedy: '请先提取主题，或导入主题向量。' },
  noTrainingCaptions: {
    message: '训练集中没有带描述的片段，无法提取主题。',
    remedy: '请将片段移到训练集，或导入描述；也可从全部片段中提取主题 (--from all)。',
  },
  noWords: { message: '没有主题带词。', remedy: '请先为主题添加词：导入的向量不带词。' },

  // Topics that can't be edited: where they went.
  merged: { message: '主题“{topic}”已合并到“{into}”。', remedy: '请使用“{into}”，或撤销合并。' },
  split: { message: '主题“{topic}”已拆分为其他主题。', remedy: '请使用那些主题，或撤销拆分。' },
  replaced: {
    message: '主题“{topic}”在重新提取主题时已被替换。',
    remedy: '请使用新主题，或撤销那次提取。',
  },
  junk: { message: '主题“{topic}”已标为无用。', remedy: '请先恢复它。' },
  deleted: { message: '主题“{topic}”已删除。', remedy: '请先恢复它。' },

  // Edits of topics and their words.
  mergeIntoItself: { message: '主题“{topic}”不能合并到自身。', remedy: '请选择其他主题并入它。' },
  noneLeft: { message: '没有 {topics} 就不剩任何主题了。', remedy: '请至少保留一个。' },
  wordMissing: { message: '主题“{topic}”没有词 {words}。', remedy: CHOOSE_WORDS },
  wordsMissing: { message: '主题“{topic}”没有这些词：{words}。', remedy: CHOOSE_WORDS },
  moveWithinTopic: { message: '“{topic}”的词不能移到同一主题。', remedy: '请选择另一个主题。' },
  wordForbidden: { message: '词“{word}”在“{topic}”中被禁止。', remedy: '请先在那里允许它。' },
  wordUnknown: { message: '{words} 不在提取主题所用的词中。', remedy: CHECK_SPELLING },
  wordsUnknown: { message: '这些词不在提取主题所用的词中：{words}。', remedy: CHECK_SPELLING },

  // Splitting and creating topics, and giving them to clips.
  noWordsToSplit: {
    message: '主题“{topic}”没有可据以拆分的词。',
    remedy: '请为它添加词，或从片段创建主题。',
  },
  noClipsToSplit: {
    message: '没有片段含有主题“{topic}”：没有可拆分的内容。',
    remedy: '请改为新建主题。',
  },
  wordsEditedMeanwhile: { message: '其间“{topic}”的词有编辑。', remedy: TRY_AGAIN },
  foundMeanwhile: { message: '其间片段重新分配了主题。', remedy: TRY_AGAIN },
  editedMeanwhile: { message: '为片段分配主题期间，主题有编辑。', remedy: '请重新开始。' },
  snapshotKnown: { message: '已有快照“{snapshot}”。', remedy: '请换一个名称。' },

  // Files of topic vectors: as a whole.
  idsOfCsv: {
    message: '{file} 自身已写明片段：id 文件只与 .npy 搭配。',
    remedy: '请去掉 id 文件。',
  },
  noVectors: { message: '{file} 中没有向量。', remedy: VECTOR_FORMATS },
  noTopic: { message: '{file} 中没有主题：向量至少需要两列。', remedy: VECTOR_FORMATS },
  singleTopic: { message: '{file} 中只有一个主题：向量至少需要两列。', remedy: VECTOR_FORMATS },
  tooManyTopics: { message: '{file} 有 {topics} 个主题；最多 {limit} 个。', remedy: '请去掉一些列。' },
  notATable: {
    message: '{file} 的形状为 ({shape})；向量应为 [片段, K] 的表。',
    remedy: VECTOR_FORMATS,
  },
  idCount: {
    message: '{file} 写明 {ids} 个片段，而 {vectors} 有 {rows} 行。',
    remedy: '请按各行的顺序每行写一个名称。',
  },
  labelCount: {
    message: '{file} 有 {labels} 个标签，而 {vectors} 有 {columns} 列。',
    remedy: '请按各列的顺序每行写一个标签。',
  },
  rowCount: {
    message: '{file} 有 {rows} 行，而项目有 {clips} 个片段。',
    remedy: '请用 id 文件写明各行的片段。',
  },

  // Files of topic vectors: a line or row of them.
  clipUnnamed: { message: '{file} 第 {line} 行：片段没有名称。' },
  quoteOpen: { message: '{file} 第 {line} 行：引号没有闭合。', remedy: VECTOR_FORMATS },
  notCsv: { message: '{file} 第 {line} 行：不是有效的 CSV。', remedy: VECTOR_FORMATS },
  columnLabelTooLong: { message: '{file} 第 {line} 行：名称“{label}...”超过 {limit} 个字符。' },
  labelTooLong: { message: '{file} 第 {line} 行：标签超过 {limit} 个字符。' },
  valueCount: {
    message: '{file} 第 {line} 行：有 {values} 个值，而第一行有 {columns} 个。',
    remedy: VECTOR_FORMATS,
  },
  notAShare: {
    message: '{file} 第 {line} 行：第 {column} 列的“{text}”不是 0 到 1 的值。',
    remedy: '值应为 0 和 1，或介于两者之间的占比。',
  },
  notAShareInArray: {
    message:
      '{file} 第 {row} 行、第 {column} 列（从 0 数起）是 {value}：值应为 0 和 1，或介于两者之间的占比。',
    remedy: '请缩放这些值。',
  },
  sumTooLarge: { message: '{file} 第 {line} 行：占比之和为 {sum}，超过 1。', remedy: DIVIDE_SHARES },
  sumTooLargeInArray: {
    message: '{file} 第 {row} 行（从 0 数起）：占比之和为 {sum}，超过 1。',
    remedy: DIVIDE_SHARES,
  },
  clipAmbiguous: {
    message: '{file} 第 {line} 行：“{clip}”可能指多个片段。',
    remedy: '请写出片段的全名。',
  },
  clipUnknown: {
    message: '{file} 第 {line} 行：项目没有名为“{clip}”的片段。',
    remedy: '请去掉该行，或先导入该片段。',
  },
  clipTwice: { message: '{file} 第 {line} 行：片段“{clip}”已在第 {earlier} 行出现。' },
}
