import type { FailureTexts } from '../../failure-texts.ts'

const FREE_SPACE = '请腾出一些空间：“vitrine check PROJECT --storage”或窗口中的“存储”会显示各部分的占用。'

export const project: FailureTexts = {
  noProject: { message: '没有打开的项目。', remedy: '请打开或新建一个。' },
  viewUnknown: {
    message: '此列表没有视图“{name}”。',
    remedy: '它可能已在另一窗口中删除；在那里撤销即可恢复。',
  },
  jobsAtWork: {
    message: '{jobs} 个任务尚未完成，会被停止：{titles}。',
    remedy: '请等它们结束，或确认可以停止。',
  },
}

/** What work asks of the project, the disk and the place that it writes to before it can begin. */
export const workspace: FailureTexts = {
  noModel: { message: '还没有训练好的模型。', remedy: '请先训练一个，或指定一个模型。' },
  modelInTraining: { message: '模型 {modelId} 仍在训练。', remedy: '请等待，或选择另一个模型。' },
  modelStopped: {
    message: '模型 {modelId} 的训练已停止。',
    remedy: '请继续训练，保留目前最好的参数，或选择另一个模型。',
  },
  modelFailed: { message: '模型 {modelId} 训练失败：无法使用。', remedy: '请选择另一个模型。' },
  modelTrashed: { message: '模型 {modelId} 在回收站中。', remedy: '请恢复它，或选择另一个模型。' },
  modelEmptied: {
    message: '模型 {modelId} 的文件已随回收站清空。',
    remedy: '请选择另一个模型。',
  },
  externalModel: {
    message: '模型 {modelId} ({name}) 来自其他系统，这里无法运行：只有它的描述。',
    remedy: '请选择在这里训练的模型。',
  },
  withoutActivations: {
    message: '模型 {modelId} ({name}) 不带激活，因此没有可查看的神经元。',
    remedy: '请连同激活文件重新导入。',
  },
  noFeatures: { message: '片段还没有特征。', remedy: '请先计算特征。' },
  clipWithoutFeatures: {
    message: '片段 {clip} 没有此模型所用的特征。',
    remedy: '请按该模型训练时的设置计算特征。',
  },

  // Where something is to be written.
  exists: {
    message: '{path} 已存在。',
    remedy: '请换一个位置，或选择替换（窗口中的“替换”，命令行的 --overwrite）。',
  },
  insideProject: {
    message: '{path} 在项目文件夹之内，那里只存放项目自己的文件。',
    remedy: '请选择它以外的位置。',
  },

  // Room on the disk.
  noRoomForFeatures: {
    message: '特征可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForTraining: {
    message: '训练连同检查点可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForModel: {
    message: '模型连同用作编码器的副本需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForExport: {
    message: '导出可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForCopy: {
    message: '窗口可播放的副本可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForBackup: {
    message: '备份可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForArchive: {
    message: '制作归档可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForUnarchive: {
    message: '解包后的项目需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: '请腾出一些空间，或指定另一磁盘上的文件夹。',
  },
  noRoomForRestore: {
    message: '恢复可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
  noRoomForSalvage: {
    message: '抢救可读内容可能需要 {needed}；{folder} 所在磁盘剩余 {free}。',
    remedy: FREE_SPACE,
  },
}
