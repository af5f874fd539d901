import type { FailureTexts } from '../../failure-texts.ts'

export const neurons: FailureTexts = {
  noTopics: {
    message: '此项目还没有主题，神经元无从代表主题。',
    remedy: '请先提取主题，再解释神经元。',
  },
  noActivationsToTrain: {
    message: '训练集中没有片段带激活，无法在其上训练主题头。',
    remedy: '请也提供训练片段的激活。',
  },
  notInterpreted: { message: '模型 {modelId} 的神经元尚未解释。', remedy: '请先解释它们。' },
  noOtherRun: {
    message: '模型 {modelId} 所在系列中没有其他带神经元图谱的训练。',
    remedy: '请将多个种子作为一个系列训练，并解释其神经元。',
  },
  neuronUnknown: { message: '模型 {modelId} 的图谱中没有神经元 {neuron}。' },
  topicUnknown: {
    message: '模型 {modelId} 训练时没有主题 {topicId}。',
    remedy: '请从它的主题中选择。',
  },
  truthLine: {
    message: '{file}:{line}：“{text}”不是以制表符分隔的片段、概念、起点和终点（单位为秒，终点在起点之后）。',
  },
  truthOfOthers: {
    message: '{file} 没有提到此项目中有特征的片段。',
    remedy: '请选择此语料的文件；片段以名称识别。',
  },
  nothingToSilence: { message: '没有要静默的神经元。', remedy: '请选择一个主题，或若干神经元。' },
}
