import type { FailureTexts } from '../../failure-texts.ts'

export const exports: FailureTexts = {
  foreignFile: {
    message: '文件夹 {folder} 中有 {file}，它不属于这种导出。',
    remedy: '请指定新的或空的文件夹。',
  },
  nothingCaptioned: { message: '模型 {modelId} 还没有描述任何内容。', remedy: '请先描述一个划分。' },
  noHumanCaptions: { message: '此项目没有描述。', remedy: '请先导入描述。' },
  noAnnotations: {
    message: '此项目中还没有人做过判定、备注、标签或描述。',
    remedy: '请先在“审阅”中判定描述。',
  },
  noMedia: {
    message: '此项目的片段都没有自己的、现存的视频或图片。',
    remedy: '请选择另一格式，或导入视频。',
  },
  noTopics: { message: '此项目还没有主题。', remedy: '请先提取主题，或导入主题向量。' },
}
