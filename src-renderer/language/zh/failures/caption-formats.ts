import type { FailureTexts } from '../../failure-texts.ts'

const ACCEPTED = '可接受的格式：{accepted}。'
const AN_EXPORT = '请使用 Vitrine 导出的标注文件。'
const UNPACK = '请解包它，并选择其中的描述文件。'

/** What is wrong in a file of one format, by the area of the format. */
export const captionFormats: Readonly<Record<`captions.${string}`, FailureTexts>> = {
  'captions.activitynet': {
    counts: {
      message: '{file} 视频 {video}：{clip} 有 {sentences} 个句子和 {timestamps} 个时间。',
    },
    timestamp: { message: '{file} 视频 {video}：{clip} 的第 {part} 个时间不是以秒表示的起止。' },
  },
  'captions.coco': {
    imageUnknown: { message: '{file} 标注 {annotation}：图片中没有 {image}。' },
  },
  'captions.csv': {
    quoteOpen: { message: '{file} 第 {line} 行：引号没有闭合。' },
    columnCount: { message: '{file} 第 {line} 行：列数与表头不同。' },
    notCsv: {
      message: '{file} 第 {line} 行：不是有效的 CSV；含引号或逗号的单元格必须加引号。',
    },
  },
  'captions.cues': {
    noTimes: { message: '{file} 第 {line} 行：字幕条目应以时间开头 ({example})。' },
    boundsTurned: { message: '{file} 第 {line} 行：字幕条目的终点在起点之前。' },
  },
  'captions.cvat': {
    broken: { message: '{file} 第 {line} 行：XML 在此处有误。' },
    ofVideo: {
      message: '{file} 第 {line} 行：这是一个视频中逐帧的轨迹，不是片段的描述。',
      remedy: '请将任务导出为“CVAT for images 1.1”。',
    },
  },
  'captions.flickr': {
    notNumbered: { message: '{file} 第 {line} 行：“{text}”不是 名称#编号<TAB>描述。' },
  },
  'captions.jsonl': {
    noClip: {
      message: '{file} 第 {line} 行：对象没有写明片段 ("video": "...")。',
      remedy: ACCEPTED,
    },
    noCaption: {
      message: '{file} 第 {line} 行：{clip} 的对象没有描述 ("caption": "...")。',
      remedy: ACCEPTED,
    },
  },
  'captions.languages': {
    notInFile: {
      message: '{file} 中没有 {language} 的描述，只有 {others}。',
      remedy: '请选择其中的一种语言。',
    },
  },
  'captions.load': {
    zipEmpty: {
      message: '{file} 中没有描述文件。',
      remedy: '压缩包中的描述可以是 JSON、XML、CSV、TSV、JSON Lines、字幕或文本。',
    },
    folderEmpty: {
      message: '文件夹 {folder} 中没有描述。',
      remedy: '文件夹中的描述应为与片段同名的 .vtt 或 .srt 文件，或 metadata.csv、metadata.jsonl。',
    },
  },
  'captions.names': {
    notTwoNames: {
      message: '{file} 第 {line} 行：“{text}”不是一个片段的两个名称。',
      remedy: '请每行写两个名称，用空格、制表符或逗号分隔。',
    },
    nameTwice: { message: '{file} 第 {line} 行：{name} 已是 {earlier} 的别名。' },
  },
  'captions.tsv': {
    noTab: {
      message: '{file} 第 {line} 行：“{text}”的片段和描述之间没有制表符。',
      remedy: ACCEPTED,
    },
    severalColumns: {
      message: '{file} 第 {line} 行：有 {cells} 列，而没有表头说明哪些是片段和描述。',
      remedy: '请按编号指定 (--columns clip=1,caption=2)，或写上表头。',
    },
  },
  'captions.values': {
    notJson: { message: '{file} 第 {line} 行：该行不是 JSON 对象。', remedy: ACCEPTED },
    keyTwice: {
      message: '{file} 第 {line} 行：{clip} 在对象中第二次出现。',
      remedy: '请将一个片段的所有描述写在一个列表中：两者之中 JSON 只保留后一个。',
    },
  },
  'captions.zip': {
    broken: { message: '{file} 无法解包 ({reason})。', remedy: UNPACK },
    damaged: {
      message: '{file} 已损坏：其中的 {member} 与打包时不同。',
      remedy: '请重新获取，或解包后查看该文件。',
    },
    tooLarge: { message: '{file} 解包后的文本超过 {megabytes} MB。', remedy: UNPACK },
  },
}

/** Files of annotations, which are taken in. */
export const annotations: FailureTexts = {
  notCsv: {
    message: '{file} 第 {line} 行不是与第一行单元格数相同的 CSV 行。',
    remedy: AN_EXPORT,
  },
  columnMissing: {
    message: '{file} 中没有列“{column}”。',
    remedy:
      '请使用 Vitrine 导出的标注文件，其列为 kind、video、text、verdict、before、model、who、at、topics、note、neuron、parameters。',
  },
  notJson: { message: '{file} 第 {line} 行不是 JSON 对象。', remedy: AN_EXPORT },
  lineUnfit: { message: '{file} 第 {line} 行：{reason}。' },
}
