import type { Catalogue } from '../messages.ts'

export const palette: Catalogue['palette'] = {
  findAnything: '查找任何内容',
  actionClipCaptionWordTopic: '操作、片段、描述、词、主题、神经元、模型、文档、项目',
  found: '结果',
  nothingIsCalledThat: '没有这样的名称。',
  itsWord: '其词语',
  youCallIt: '你称之为',
  thenFor: '其次代表',
  standsFor: '代表 {topicLabel}',
  neuron: '神经元',
  path: '路径',
  open: '打开 {name}',
  in: '在 {of} 中',
  says: '说',
  inItsCaptionsSuchAs: '在其描述中，例如：{firstCaption}',
  nothingIsChosenHereThat: '这里没有选择可对其执行操作的内容',
}
