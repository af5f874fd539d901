import type { FailureTexts } from '../../failure-texts.ts'

const CLASS_FOLDERS = '请将每一类的片段放入各自的文件夹。'

export const actions: FailureTexts = {
  otherFeatures: {
    message: '模型 {modelId} 训练所用的特征与当前特征不同。',
    remedy: '请按它训练时的设置计算特征。',
  },
  encoderChanged: {
    message: '计算特征之后，编码器有变化。',
    remedy: '请重新计算特征，然后训练。',
  },
  featuresFromElsewhere: {
    message: '{title} 的特征不是由一个编码器生成的：这里无法为其他片段生成。',
    remedy: '请将某个编码器的特征设为当前特征，在其上训练，然后重试。',
  },
  noFolder: {
    message: '文件夹 {folder} 不存在。',
    remedy: '请选择每一类片段各有一个文件夹的文件夹。',
  },
  tooFewClasses: { message: '{folder} 中有 {folders} 个文件夹；至少需要两类。', remedy: CLASS_FOLDERS },
  noClips: { message: '{folder} 中没有可读取的片段。', remedy: CLASS_FOLDERS },

  // A file of classes.
  notAClass: {
    message: '{file} 第 {line} 行：“{text}”不是 片段<TAB>类别。',
    remedy: '请每行写一个片段及其类别，用制表符或逗号分隔。',
  },
  clipOfTwoClasses: { message: '{file} 第 {line} 行：{clip} 在此属于 {class}，在前面属于 {earlier}。' },
  classClipAmbiguous: {
    message: '{file} 第 {line} 行：{clip} 可能指多个片段。',
    remedy: '请写出它在视频文件夹中的路径。',
  },
  tooFewClassesOfClips: {
    message: '{file} 给有特征的片段只分出 {classes} 类；至少需要两类。',
    remedy: '请写此项目的片段，用片段名或其视频的文件名。',
  },
}
