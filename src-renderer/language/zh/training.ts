import type { Catalogue } from '../messages.ts'

export const training: Catalogue['training'] = {
  topicMAP: '主题 mAP',
  shareOfWordsThatPeople: '人们也用到的词的比例，对过短的描述有惩罚',
  geometricMeanOfThePrecisions: '连续 1 个和 2 个词的精度的几何平均',
  geometricMeanOfThePrecisionsOf: '连续 1 至 3 个词的精度的几何平均',
  geometricMeanOfThePrecisionsOf1: '连续 1 至 4 个词的精度的几何平均',
  longestCommonSubsequenceFWith: '最长公共子序列，beta 为 1.2 的 F 值',
  wordsMatchedExactlyByStem: '完全匹配、词干匹配或同义匹配的词，对顺序中断有惩罚',
  cIDErDAgreementInWords: 'CIDEr-D：按词的信息量加权的一致程度，0 到 10',
  meanAveragePrecisionOfTheTopicHead: '主题头的平均精度均值',
  ofTheBestCheckOf: '运行中最好的一次检查：每条描述中人们所说词语的 −ln p',
  bleu4Greedy: 'BLEU-4，贪心',
  ofTheBestCheckOfThe: '运行中最好的一次检查',
  cIDErGreedy: 'CIDEr，贪心',
  baseline: '基线',
  randomTopics: '随机主题',
  isAnotherSystemsModelWhich: '{name} 是其他系统的模型，这里无法运行',
  aBaselineHasNoTopics: '基线没有主题：请选择另一个模型版本',
  cameWithoutActivationsItHas: '{name} 不带激活：没有可查看的神经元',
}
