import type { FailureTexts } from '../../failure-texts.ts'

/** Captioners that are compared over settings. */
export const sweeps: FailureTexts = {
  noValidation: {
    message: '验证集中没有既有描述又有特征的片段：无法比较扫描中的各次训练。',
    remedy: '请将有描述的片段移到验证集，或计算其特征。',
  },
  givenTwice: {
    message: '{setting} 既作为所有训练的固定值，又作为待试的值给出。',
    remedy: '请去掉其中一个。',
  },
  headsAlike: {
    message:
      '不保留帧特征时（keepFeatures=false），tied 与 tied-learnt 是同一种主题头：每次训练都会重复一遍。',
    remedy: '请去掉其中一个，或保留特征。',
  },
  headTooSmall: {
    message:
      '{head} 主题头需要的隐藏单元和神经元不能少于主题：这里有 {topics} 个主题，而 topicHiddenSize={hidden}，神经元 {neurons} 个。它会变成 joint。',
    remedy: '请增大 topicHiddenSize 或 encoderSize，或去掉这种主题头。',
  },
  tooManyRuns: {
    message: '这些取值和种子共有 {runs} 次训练；一次扫描最多 {most} 次。',
    remedy: '请减少取值或种子。',
  },
  nothingToTry: { message: 'lambda 只有 0 时，全部都是基线。', remedy: '请再给出一个大于 0 的 lambda。' },
  atWork: { message: '扫描 {sweepId} 正在训练。' },
  nothingLeft: { message: '扫描 {sweepId} 的所有训练均已结束：没有剩下的工作。' },
  trashed: { message: '扫描 {sweepId} 在回收站中。', remedy: '请恢复其中一个模型，或撤销删除。' },
  inputsChanged: {
    message: '扫描 {sweepId} 无法继续：{inputs:inputs}自开始后已更改，各次训练将无法比较。',
    remedy: '请撤销更改，或开始新的扫描。',
  },
}
