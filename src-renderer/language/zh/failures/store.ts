import type { FailureTexts } from '../../failure-texts.ts'

const SALVAGE =
  '“vitrine check PROJECT --repair”会抢救可读的内容；“vitrine backup PROJECT --list”会列出可恢复的备份。'
const CHOOSE_PROJECT = '请选择文件夹 NAME.vitrine，或新建项目。'
const FROM_COPY = '请从副本恢复项目。'

/** The project's folder and database. */
export const store: FailureTexts = {
  openElsewhere: { message: '项目 {folder} 正由另一个程序打开。', remedy: '请先在那里关闭它。' },
  jobElsewhere: {
    message: '另一个程序正在处理此项目：“{job:job}”。',
    remedy: '请等它完成，或在那里取消。',
  },
  changedMeanwhile: {
    message: '备份期间另一个程序更改了项目；没有恢复任何内容。',
    remedy: '请查看现在恢复会改变什么，然后再恢复。',
  },
  nameUnfit: { message: '{folder} 不能作为项目名称。', remedy: '请换一个以 .vitrine 结尾的名称。' },
  parentMissing: { message: '文件夹 {folder} 不存在。', remedy: '请创建它，或为项目另选位置。' },
  alreadyThere: { message: '{folder} 已存在。', remedy: '请打开它，或换一个名称。' },
  pathTooLong: {
    message: '{folder} 作为项目路径太长：最多 {limit} 字节。',
    remedy: '请为项目另选位置。',
  },
  projectMissing: { message: '{folder} 不存在。', remedy: CHOOSE_PROJECT },
  noProjectFile: {
    message: '{folder} 不是 Vitrine 项目：其中没有 project.sqlite。',
    remedy: CHOOSE_PROJECT,
  },
  notAProject: { message: '{file} 不是 Vitrine 项目。', remedy: '请选择另一个文件夹。' },
  newerProject: {
    message: '{file} 由较新版本的 Vitrine 写入（格式 {version}；此版本最多读取 {newest}）。',
    remedy: '请更新 Vitrine 后再打开。',
  },
  projectGone: {
    message: '{folder} 在打开期间被删除、移动或重命名。',
    remedy: '请放回原处，或在新位置打开：已保存的内容都在其中。',
  },
  projectReplaced: {
    message: '{folder} 中打开的 project.sqlite 已被另一个替换。',
    remedy: '请关闭项目，然后重新打开。',
  },
  outsideProject: {
    message: '项目将 {path} 写为自己的文件，而它在项目文件夹之外。',
    remedy: '请勿使用此项目，或询问制作者：它被 Vitrine 以外的程序改动过。',
  },
  leadsOut: { message: '{path} 是指向项目之外的链接。', remedy: '请将该链接换成文件夹。' },
  valueUnreadable: {
    message: '项目文件 project.sqlite 中有一个值的类型不对 ({reason})。',
    remedy: FROM_COPY,
  },
  otherTables: {
    message: '项目文件 project.sqlite 缺少 Vitrine 保存的内容 ({reason})。',
    remedy: FROM_COPY,
  },
  diskBroken: {
    message: '磁盘在项目文件 project.sqlite 处报错。',
    remedy: '请检查磁盘，并从副本恢复项目。',
  },
  diskFull: { message: '磁盘已满，无法保存项目。', remedy: '请腾出一些空间后重试。' },
  inUse: { message: '另一个程序正在写入此项目。', remedy: '请等它完成后重试。' },
  readOnly: {
    message: '此项目是只读的：Vitrine 不能写入其文件夹。',
    remedy: '请更改权限后重新打开，或将项目复制到别处。',
  },
  damaged: { message: '项目文件 project.sqlite 已损坏。', remedy: SALVAGE },
  damagedFile: { message: '项目文件 {file} 已损坏：{problem}。', remedy: SALVAGE },
  nothingToSalvage: {
    message: '项目文件中没有可读的内容。',
    remedy: '“vitrine backup PROJECT --list”会列出备份，--restore 可恢复其中之一。',
  },
  backupUnknown: {
    message: '此项目没有备份 {backup}。',
    remedy: '“vitrine backup PROJECT --list”会列出现有的备份。',
  },
  fileThere: { message: '{file} 已存在。', remedy: '请换一个名称。' },
  backupUnfit: {
    message: '{file} 不是此版本的 Vitrine 能读取的项目备份。',
    remedy: '请选择另一个。',
  },
  clipUnknown: { message: '此项目没有片段 {clipId}。' },
  featuresUnknown: { message: '此项目没有特征 {key}。' },
  actionResultUnknown: { message: '此项目没有动作比较 {resultId}。' },
  findingUnknown: { message: '此项目没有问题 {findingId}。' },
  topicUnknown: { message: '此项目没有主题 {topicId}。' },
  topicRunMissing: { message: '此项目没有提取过主题。' },
  snapshotUnknown: { message: '此项目没有快照 {snapshotId}。' },
  modelUnknown: { message: '此项目没有模型 {modelId}。' },
  sweepUnknown: { message: '此项目没有扫描 {sweepId}。' },
  correctionUnknown: { message: '此项目没有修正 {correctionId}。' },
  jobUnknown: { message: '此项目没有任务 {jobId}。' },
  editUnknown: { message: '此项目没有编辑 {editId}。' },
  editBuiltOn: {
    message: '无法撤回：{label:edit}。{who} 的编辑建立在它之上：{later:edit}。',
    remedy: '请先撤回那一次，或回到历史中更早的状态。',
  },
  editOvertaken: {
    message: '无法重做：{label:edit}。{who} 的编辑与之冲突：{other:edit}。',
    remedy: '请重新编辑，或回到历史中的另一状态。',
  },
}
