import type { FailureTexts } from '../../failure-texts.ts'

export const check: FailureTexts = {
  databaseDamaged: {
    message: '项目文件 project.sqlite 已损坏：{problem}。',
    remedy: '请关闭项目，再用“vitrine check PROJECT --repair”抢救可读内容；或恢复一个备份。',
  },
  rowsAstray: {
    message: '{table} 中有 {rows} 行所指的 {parent} 行不存在。',
    remedy: '修复会把它们取出，放入数据库旁的一个文件；修复前会先备份。',
  },
  rowsTakenOut: {
    message: '{table} 中有 {rows} 行所指的 {parent} 行不存在。它们现在位于 {folder}/lost-rows.jsonl。',
  },
  searchAstray: { message: '搜索索引与描述不一致。', remedy: '修复会重建索引。' },
  modelCutShort: {
    message: '模型 {modelId} 在 {folder} 中的文件缺失或不完整。',
    remedy: '请从项目的副本中取回该文件夹，或删除模型并重新训练。',
  },
  videosGone: {
    message: '{clips} 个片段的视频不在原处：{names:names}。',
    remedy: '请把视频放回原处，或从现在的位置导入。',
  },
  halfWritten: {
    message: '{files} 个文件（{size}）由被终止的程序写了一半。',
    remedy: '修复会删除它们。',
  },
  stray: {
    message: '{files} 个文件（{size}）不属于项目或其备份：{names:names}。',
    remedy: '修复会删除它们。',
  },
  picturesEmpty: {
    message: '{pictures} 张供窗口使用的图片是空的。',
    remedy: '修复会删除它们；查看时会重新生成。',
  },
  backupDamaged: { message: '备份 {name} 已损坏。', remedy: '请删除它，并重新备份。' },
}
