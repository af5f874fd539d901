import type { FailureTexts } from '../../failure-texts.ts'

export const review: FailureTexts = {
  splitWithoutFeatures: {
    message: '{split:split}中没有片段具有模型 {modelId} 所用的特征。',
    remedy: '请按该模型训练时的设置计算特征，将片段移到该划分，或选择另一个划分。',
  },
  splitWithoutCaptions: {
    message: '{split:split}中没有可用于评分的人工描述。',
    remedy: '请为其片段导入描述，将有描述的片段移到该划分，或选择另一个划分。',
  },
  splitWithoutImported: {
    message: '模型 {modelId} ({name}) 来自其他系统，没有 {split:split}的描述。',
    remedy: '请选择它描述过的划分，或将它对该划分的描述作为另一个模型导入。',
  },
  notCaptioned: {
    message: '模型 {modelId} 还没有描述 {clip}。',
    remedy: '请先描述{split:split}。',
  },
  saidOtherwise: {
    message: '模型 {modelId} 现在对 {clip} 的描述与被判定的不同。',
    remedy: '请重新查看它的描述，再作判定。',
  },
}
