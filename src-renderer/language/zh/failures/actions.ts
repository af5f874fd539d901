import type { FailureTexts } from '../../failure-texts.ts'

const FEWER_FOLDS = '请减少折数，或为每一类增加片段。'
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

  // Published splits, and classes of MSR-VTT.
  notAPair: { message: '{file} 第 {line} 行：“{text}”不是以制表符分隔的文件夹中的两个类别。' },
  noClassesInZip: { message: '{file} 中没有 videodatainfo.json。' },
  noCategories: {
    message: '{file} 不是 MSR-VTT 的 JSON：其视频没有 video_id 和 0 到 19 的 category。',
  },
  notJson: { message: '{file} 第 {line} 行：文字从此处起不是 JSON。' },
  noSplitFiles: {
    message: '{folder} 中没有划分文件。',
    remedy: 'UCF101 的文件名为 trainlist01.txt 和 testlist01.txt，HMDB51 的为 CLASS_test_split1.txt。',
  },
  notASplitLine: { message: '{file} 第 {line} 行：“{text}”不是片段和 0、1 或 2。' },
  clipOnBothSides: { message: '{file} 第 {line} 行：{clip} 在同一划分中既用于学习又用于测试。' },
  emptySide: {
    message: '{folder} 中 {title} 的文件没有写明此语料中用于{side:side}的片段。',
    remedy: '请选择此语料的划分文件，每个划分两份列表都要有。',
  },

  // Dividing the clips.
  tooFewClips: {
    message: '类别“{class}”有 {clips} 个片段，少于 {folds} 折。',
    remedy: FEWER_FOLDS,
  },
  tooFewGroups: {
    message: '类别“{class}”的片段来自 {groups} 个组，少于 {folds} 折。',
    remedy: '请减少折数；同一组的片段不会分开。',
  },
  oneGroup: {
    message: '类别“{class}”的全部 {clips} 个片段属于同一组 ({group})：无法既用于学习又用于测试。',
    remedy: '请添加来自其他视频的片段，或去掉该类别。',
  },
  classInOneFold: {
    message: '类别“{class}”的组彼此相连，所有片段都落入同一折。',
    remedy: '请换一个种子或折数，或去掉该类别。',
  },
  classNotLearnt: {
    message: '{title} 中没有可用于学习类别“{class}”的片段。',
    remedy: '请去掉该类别，或选择此语料的划分文件。',
  },
  nothingToTest: { message: '{title} 中没有可读取的测试片段。' },
  twoDivisions: {
    message: '划分文件和留一组法是同一批片段的两种分法。',
    remedy: '请选择其一。',
  },

  // Changing classes of a comparison.
  clipNotCompared: { message: '此比较中没有片段 {clip}。' },
  featuresGone: { message: '参与比较的 {clip} 的特征已丢失。', remedy: '请重新比较。' },
  comparisonTooOld: {
    message: '此比较没有记录其片段的内容。',
    remedy: '请重新比较，然后更改类别。',
  },
}
