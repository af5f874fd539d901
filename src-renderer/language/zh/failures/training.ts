import type { FailureTexts } from '../../failure-texts.ts'

const OTHER_CURRENT = '请选择另一个当前模型，或先删除之后的版本。'
const EXPORT_AGAIN = '请重新导出模型，并带上它的所有文件。'
const TRAIN_ANEW = '请训练新模型。'

export const training: FailureTexts = {
  // Training, and going on with it.
  noTopics: { message: '此项目还没有主题。', remedy: '请先提取主题：训练会将神经元与主题绑定。' },
  noTrainingClips: {
    message:
      '训练集中没有同时具有描述和特征的片段：共 {clips} 个片段，{captioned} 个有描述，{withFeatures} 个有特征。',
    remedy: '请将片段移到训练集、添加描述，或计算特征。',
  },
  inputsChanged: {
    message: '模型 {modelId} 无法继续训练：开始之后有变化的是 {inputs:inputs}。',
    remedy: '请撤销更改，保留目前最好的参数，或训练新模型。',
  },
  inTraining: { message: '模型 {modelId} 正在训练。' },
  noCheckpoint: {
    message: '模型 {modelId} 在第一个检查点之前就已结束：无法继续。',
    remedy: TRAIN_ANEW,
  },
  notEndedEarly: {
    message: '模型 {modelId} 的状态是“{state:state}”，不是提前结束的训练：无法继续。',
    remedy: TRAIN_ANEW,
  },
  modelFileDamaged: { message: '{path} 不是模型的说明文件。', remedy: '请从副本恢复，或重新训练。' },
  nothingToKeep: {
    message: '模型 {modelId} 的状态是“{state:state}”，没有可保留的参数。',
    remedy: '请选择已停止或失败、但做过第一次验证的训练。',
  },

  // Going over to edited topics.
  baselineTopics: {
    message: '模型 {modelId} 是基线：它的主题头从未训练过。',
    remedy: '请选择可解释的模型。',
  },
  topicsUnchanged: { message: '模型 {modelId} 的主题已与项目一致。' },
  notRemappable: {
    message: '模型 {modelId} 无法重映射。{reasons}',
    remedy: '请微调它，或训练新模型：新内容必须经过学习。',
  },
  noTopicsToRefine: { message: '此项目没有主题。', remedy: '请先提取主题。' },

  // Choosing, finding and deleting.
  notReady: {
    message: '模型 {modelId} 的状态是“{state:state}”：不能成为当前模型。',
    remedy: '请选择已就绪的模型。',
  },
  topicUnknown: {
    message: '模型 {modelId} 没有主题 {topic}。',
    remedy: '请使用“vitrine topics”列出的 id 或标签。',
  },
  seriesUnknown: { message: '此项目没有系列 {series}。', remedy: '系列的编号是其第一个模型的编号。' },
  currentUndeletable: { message: '模型 {modelId} 是当前模型：不能删除。', remedy: OTHER_CURRENT },
  inTrainingUndeletable: { message: '模型 {modelId} 正在训练：不能删除。', remedy: OTHER_CURRENT },
  parentUndeletable: {
    message: '模型 {versions} 来自模型 {modelId}：不能删除它。',
    remedy: OTHER_CURRENT,
  },
  queuedUndeletable: {
    message: '模型 {modelId} 在队列中有 {corrections} 项修正：不能删除。',
    remedy: OTHER_CURRENT,
  },
  notInTrash: { message: '模型 {modelId} 不在回收站中。', remedy: '请先删除它。' },
  emptied: { message: '模型 {modelId} 已从回收站清空：其文件已不存在。', remedy: TRAIN_ANEW },

  // Models of other systems.
  captionAmbiguous: {
    message: '{file} {place:place}：{clip} 可能指项目中的多个片段。',
    remedy: '请写出更完整的路径。',
  },
  captionTwice: {
    message: '{file} {place:place}：{clip} 在{earlier:place}已有描述。',
    remedy: '一个模型对一个片段只说一句：请去掉其一，或作为两个模型导入。',
  },
  scoreUnreadable: {
    message: '{file} {place:place}：分数“{score}”不是数字。',
    remedy: '请写一个数，系统越确定数值越大；或去掉该列。',
  },
  captionsWithoutClips: {
    message: '{file} 无法匹配：项目还没有片段。',
    remedy: '请先导入它所描述的片段。',
  },
  captionsOfOtherClips: {
    message: '{file} 没有描述此项目的任何片段：文件提到 {inFile}，而片段名为 {inProject}。',
    remedy: '请选择此语料的文件，或给出写有每个片段两个名称的文件。',
  },

  // A model that was exported, taken in again.
  exportedFile: {
    message: '{path} 与模型导出中的文件不符：{reason}。',
    remedy: EXPORT_AGAIN,
  },
  exportedParts: {
    message: '{folder} 中的文件不属于同一模型：{what} 既有 {one} 又有 {other}。',
    remedy: EXPORT_AGAIN,
  },
  exportedFeatures: {
    message: '该模型使用另一程序计算的特征（{title}，每帧 {dimension} 个值），而这里的当前特征与之不同。',
    remedy: '请先为此项目的片段导入这种特征，并将其设为当前特征。',
  },
  otherTopics: {
    message: '项目有自己的 {topics} 个主题，与模型的不同。',
    remedy: '请用 --replace-topics（窗口中的复选框）并入：它的主题会取而代之，作为一次可撤销的编辑。',
  },

  // Scoring and comparing captions.
  splitNotCaptioned: {
    message: '模型 {modelId} 还没有描述{split:split}。',
    remedy: '请先描述它：vitrine caption {project} --model {modelId} --split {split}',
  },
  nothingInCommon: {
    message: '{split:split}中没有两个模型都描述过且有人工描述的片段。',
    remedy: '请用两个模型描述该划分。',
  },
  severalCaptions: {
    message: '{file} {place:place}：{clip} 有多于一条待评分的描述。',
    remedy: '请为每个 id 给出一条描述。',
  },
  noReference: { message: '{file} {place:place}：{references} 中没有 {clip} 的参考描述。' },
  captionsMissing: {
    message: '{file}：{references} 中有 {missing} 个 id 没有描述，例如 {clip}。',
    remedy: '请只用相同片段的参考描述评分：其他片段会改变 CIDEr 的文档频率。',
  },
}
