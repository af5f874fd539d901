import type { FailureTexts } from '../../failure-texts.ts'

const OTHER_WORDS = '请换一种说法，或用现有的描述训练新模型。'

export const corrections: FailureTexts = {
  // Moving neurons.
  topicUnknown: {
    message: '模型 {modelId} 训练时没有主题 {topicId}。',
    remedy: '请从它自己的主题中选择。',
  },
  topicTwice: { message: '主题 {topicId} 不能既添加又去掉。' },
  noClips: { message: '没有这样的片段具有此模型所用的特征。', remedy: '请选择其他片段，或计算特征。' },
  notCaptioned: { message: '模型 {modelId} 还没有描述 {clip}。', remedy: '请先描述它所在的划分。' },

  // The queue.
  nothingToChange: {
    message: '没有要添加或去掉的主题。',
    remedy: '请至少选择一个，或输入正确的描述。',
  },
  clipQueued: { message: '{clip} 的一项修正已在队列中等待。', remedy: '请先将它移出。' },
  wordUnknown: { message: '模型不认识词 {word}，因此说不出来。', remedy: OTHER_WORDS },
  wordsUnknown: { message: '模型不认识这些词，因此说不出来：{words}。', remedy: OTHER_WORDS },
  captionUnchanged: {
    message: '{clip} 的描述不会改变：“{caption}”。',
    remedy: '请选择其他主题、加大强度，或直接输入描述。',
  },
  notQueued: { message: '修正 {correctionId} 的状态是“{state:state}”，不在队列中。' },
  queueEmpty: { message: '队列中没有等待的修正。', remedy: '请在“审阅”中加入一条。' },
  clipRemoved: {
    message: '修正 {correctionId} 所属的 {clip} 已被移除。',
    remedy: '请恢复该片段，或将修正移出队列。',
  },
  unrelatedModels: {
    message: '这些修正属于模型 {models}，它们之间没有派生关系。',
    remedy: '请分别学习每个模型的修正。',
  },
  takenOut: { message: '修正 {correctionId} 已移出队列。' },

  // Versions that learnt.
  nothingLearnt: { message: '模型 {modelId} 没有学习过修正。' },
  decided: { message: '模型 {modelId} 的修正已处理：{state:state}。' },
  notKept: { message: '模型 {modelId} 不是已保留的修正。' },
  noneKept: { message: '还没有保留任何修正。', remedy: '请先保留一条。' },
}
