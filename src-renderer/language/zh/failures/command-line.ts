import type { FailureTexts } from '../../failure-texts.ts'

const LIST_EDITS = '“vitrine history PROJECT”会列出编辑过的内容。'
const LIST_MODELS = '“vitrine models PROJECT”会列出其模型。'
const OTHER_PORT = '请用 --port 选择另一个，或不写以使用任意空闲端口。'

/** The command line. */
export const cli: FailureTexts = {
  nothingToUndo: { message: '没有可撤销的编辑。', remedy: LIST_EDITS },
  nothingToRedo: { message: '没有可重做的编辑。', remedy: LIST_EDITS },
  featuresUnknown: {
    message: '没有名为“{set}”的特征集。',
    remedy: '“vitrine feature-sets PROJECT”会列出现有的特征集。',
  },
  snapshotUnknown: {
    message: '没有快照“{snapshot}”。',
    remedy: '“vitrine snapshots PROJECT”会列出现有的快照。',
  },
  nothingToRestart: {
    message: '此项目没有提前结束的任务。',
    remedy: '“vitrine jobs PROJECT”会列出任务。',
  },
  notTrainedHere: {
    message: '此项目没有在此训练的模型 {modelId}。',
    remedy: '“vitrine models PROJECT”会列出模型。',
  },
  noSweepToResume: {
    message: '此项目的所有扫描均已结束。',
    remedy: '“vitrine sweeps PROJECT”会列出扫描。',
  },
  topicAmbiguous: { message: '有多个主题名为“{label}”：{topicIds}。', remedy: '请使用 id。' },
  topicUnknown: {
    message: '此项目没有名为“{label}”的主题。',
    remedy: '“vitrine topics PROJECT --list”会列出主题。',
  },
  captionUnknown: { message: '{clip} 没有描述“{caption}”。', remedy: '它的描述有：{captions}。' },
  noModel: { message: '还没有训练好的模型。', remedy: '请先训练一个：vitrine train PROJECT' },
  nothingToKeep: { message: '此项目没有可保留参数的训练。', remedy: LIST_MODELS },
  nothingToResume: { message: '此项目没有可继续的训练。', remedy: LIST_MODELS },
  notInterpreted: {
    message: '模型 {modelId} 的神经元尚未解释。',
    remedy: '请先只带 --model {modelId} 运行“vitrine neurons”。',
  },
  topicWithoutNeurons: { message: '没有神经元代表此主题。', remedy: '请选择另一个，或指定神经元。' },
  neuronUnknown: { message: '模型 {modelId} 的图谱中没有神经元 {neuron}。' },
}

/** The address that a browser is let in by. */
export const transport: FailureTexts = {
  portTaken: { message: '端口 {port} 被另一个程序占用。', remedy: OTHER_PORT },
  portForbidden: { message: '无权使用端口 {port}。', remedy: OTHER_PORT },
}
