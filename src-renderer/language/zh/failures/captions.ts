import type { FailureTexts } from '../../failure-texts.ts'

const ACCEPTED = '可接受的格式：{accepted}。'

/** Files of captions. */
export const captions: FailureTexts = {
  noCaptions: { message: '{file} 中没有描述。', remedy: ACCEPTED },
  clipUnnamed: { message: '{file} {place:place}：片段没有名称。' },
  captionEmpty: { message: '{file} {place:place}：{clip} 的描述为空。' },
  captionMissing: { message: '{file} {place:place}：{clip} 没有描述，或描述不是文字。' },
  captionIsCode: {
    message: '{file} {place:place}：{clip} 的描述不是句子，而是代码 ({text})。',
    remedy: '请每行写一条描述，或写成描述的 JSON 列表。',
  },
  timeUnreadable: {
    message: '{file} {place:place}：{text} 不是时间。',
    remedy: '请写秒数，或用冒号分隔的时、分、秒。',
  },
  boundsTurned: { message: '{file} {place:place}：{clip} 的视频段从 {start} 秒开始，却在 {end} 秒结束。' },
  columnsUnknown: {
    message: '{file} 第 {line} 行：表头没有片段列和描述列（内容为 {header}）。',
    remedy: '请指定列 (--columns clip=NAME,caption=NAME)，或更改列名。可接受的格式：{accepted}。',
  },
  cellsTooMany: {
    message: '{file} 第 {line} 行：该行有 {cells} 个单元格，而第一行有 {columns} 个。',
    remedy: '请将单元格中的制表符改为空格。',
  },
  columnMissing: {
    message: '{file} {place:place}：没有列 {column}。',
    remedy: '请从这些列中选择：{columns}。',
  },
  jsonBroken: { message: '{file} 第 {line} 行：JSON 在此处有误。', remedy: ACCEPTED },
  notThisFormat: { message: '{file} 不是 {format} 格式。', remedy: '请使用自动识别 (auto)。' },
  unrecognised: { message: '{file} 是无法识别的 JSON。', remedy: ACCEPTED },
  formatUnknown: { message: '没有名为 {format} 的描述格式。', remedy: '请使用其中之一：{formats}。' },
  columnsUnreadable: {
    message: '{part} 没有指定列。',
    remedy: '请写成 clip=NAME,caption=NAME，用表头中的名称或从 1 开始的编号；还可指定 {roles}。',
  },
}
