import type { FailureTexts } from '../../failure-texts.ts'

/** All steps as one job. */
export const steps: FailureTexts = {
  noClips: { message: '此项目没有片段。', remedy: '请先导入片段及其描述。' },
  noMedia: {
    message: '此项目的片段没有可用于计算特征的视频或图片。',
    remedy: '请导入视频文件夹，或导入在别处计算的特征。',
  },
  fewCaptions: {
    message: '训练片段中有 {captioned} 个带描述：主题至少需要 2 个这样的片段。',
    remedy: '请导入描述，或将有描述的片段移到训练集。',
  },
  nothingLeft: { message: '所有步骤均已完成。', remedy: '每一步都可在其视图中重做。' },
}
