import type { FailureTexts } from '../../failure-texts.ts'

/** The list of encoders; what is wrong with one of them is in engine-encoders.ts. */
export const encoders: FailureTexts = {
  idTaken: { message: '已有名为 {encoder} 的编码器。', remedy: '请换一个名称，或先移除那一个。' },
  beingFetched: {
    message: '{model} 已在获取中。',
    remedy: '请等待，或先取消那一次；它可能在另一个窗口或程序中。',
  },
  downloadUnknown: {
    message: '没有名为 {name} 的部分下载。',
    remedy: '请查看现有内容：vitrine encoders list。',
  },
}
