import type { FailureTexts } from '../../failure-texts.ts'

const NAME_ARRAYS = '请以片段名命名数组，或在旁边放一个每行一个名称的文本文件。'
const COMPUTE_AGAIN = '请重新计算，或将它移走。'
const TIMES = '请给出每帧的时间，以距片段开头的秒数表示。'

/** Files of features that were computed elsewhere. */
export const features: FailureTexts = {
  noArrays: {
    message: '{path} 中没有数组。',
    remedy: '可读取 .npy、.npz、.safetensors 和 HDF5（.h5、.hdf5）中的特征，以及存放它们的文件夹。',
  },
  noSuchArray: { message: '{path} 中没有名为 {array} 的数组。', remedy: '其中有 {found}。' },
  namesMissing: {
    message: '{file} 中的一个形状为 ({shape}) 的数组包含 {count} 个片段，却没有片段名。',
    remedy: '请在旁边放一个名为 {example} 的文本文件，每行写一个名称。',
  },
  namesOther: {
    message: '{names} 给出 {clips} 个片段名，而 {file} 中数组的形状为 ({shape})。',
    remedy: NAME_ARRAYS,
  },
  nameListBroken: {
    message: '{names} 不是 JSON 的名称列表。',
    remedy: '请写成字符串列表，或改用每行一个名称的 .txt 文件。',
  },
  notFloats: {
    message: '{file}：{key} 的类型是 {type}；需要 float16、float32 或 float64。',
    remedy: '请将数组存为 float32。',
  },
  wrongRank: {
    message: '{file}：{key} 的形状为 ({shape})；需要 [帧, 特征] 或 [特征]。',
    remedy: '请对帧和特征以外的维度做池化，或将它移出文件夹。',
  },
  empty: { message: '{file}：{key} 为空，形状为 ({shape})。', remedy: COMPUTE_AGAIN },
  notFinite: { message: '{file}：{key} 的第 {frame} 帧中有 {value}。', remedy: COMPUTE_AGAIN },
  sizesDiffer: {
    message: '{file}：{key} 每帧有 {size} 个特征，而 {otherFile} 有 {other} 个。',
    remedy: '请一次只导入一种特征；多个特征集可以拼接。',
  },
  tooManyFrames: {
    message: '{file}：{key} 有 {frames} 帧；一个片段最多 {most} 帧。',
    remedy: '请指定每个片段均匀取多少帧 (--frames 28)。',
  },
  timesDiffer: { message: '{file}：{key} 有 {frames} 帧，却有 {times} 个时间。', remedy: TIMES },
  notTimes: { message: '{file}：{key} 的时间不是从 0 起递增的秒数。', remedy: TIMES },
  lengthsOther: {
    message: '{file}：{key} 称片段 {place} 有 {length} 帧，而共有 {frames} 帧。',
    remedy: '请给出每个片段的帧数。',
  },
  gone: { message: '{file}：{key} 已不存在。', remedy: '读取期间文件有变化：请重新导入。' },
}
