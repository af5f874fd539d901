import type { FailureTexts } from '../../failure-texts.ts'

const OTHER_PLACE = '请换一个位置。'
const FREE_SPACE = '请腾出一些空间后重试。'
const CHECK_PATH = '请检查路径。'
const GET_ANEW = '请重新获取该文件，或重新写出。'
const SAVE_AS_FLOAT = '请用 numpy.save 将数组存为 float32。'
const SAVE_AS_UTF8 = '请将文件存为 UTF-8。'

/** What the system says of files. */
export const files: FailureTexts = {
  missing: { message: '{path} 不存在。', remedy: '请检查路径，或将文件放回原处。' },
  denied: { message: '无权读写 {path}。', remedy: '请更改其权限，或换一个位置。' },
  readOnly: { message: '{path} 所在的磁盘是只读的。', remedy: OTHER_PLACE },
  isFolder: { message: '{path} 是文件夹，不是文件。', remedy: '请指定一个文件。' },
  notAFolder: { message: '{path} 是文件而不是文件夹，或其路径经过文件。', remedy: CHECK_PATH },
  notAFile: {
    message: '{path} 既不是文件也不是文件夹，而是管道、套接字或设备。',
    remedy: '请指定一个文件。',
  },
  linkLoop: { message: '{path} 是指回自身的符号链接。', remedy: '请删除该链接。' },
  nameTooLong: {
    message: '{path} 的名称对此磁盘来说太长。',
    remedy: '请换一个较短的名称：多数磁盘的名称最多 255 字节，而一个汉字占几个字节。',
  },
  exists: { message: '{path} 已存在。', remedy: '请换一个名称。' },
  notEmpty: { message: '{path} 不是空的。', remedy: '请换一个文件夹。' },
  diskFull: { message: '磁盘已满，无法写入 {path}。', remedy: FREE_SPACE },
  quotaFull: { message: '你的磁盘配额已用完：无法写入 {path}。', remedy: FREE_SPACE },
  fileTooLarge: {
    message: '{path} 对此磁盘或此程序来说太大。',
    remedy: '请将它分成几份，或使用另一磁盘。',
  },
  tooManyOpen: {
    message: '打开的文件过多，无法打开 {path}。',
    remedy: '请关闭其他程序，或提高上限 (ulimit -n)。',
  },
  busy: { message: '{path} 正被另一个程序使用。', remedy: '请在那里关闭它，然后重试。' },
  diskBroken: {
    message: '磁盘在 {path} 处报错。',
    remedy: '请检查磁盘，并从副本取回该文件。',
  },
  diskGone: { message: '{path} 所在的磁盘没有响应。', remedy: '请重新连接磁盘或网络。' },
  otherDisk: { message: '{path} 需要移到另一磁盘。', remedy: '请选择同一磁盘上的位置。' },
  unsupported: { message: '{path} 所在的磁盘不支持所需的操作。', remedy: '请选择另一磁盘上的位置。' },
  pathWithNul: { message: '路径 {path} 含有 NUL 字符。', remedy: '请去掉它。' },
  notALocalFile: {
    message: '{path} 不是本机上的文件。',
    remedy: '请写路径，或 file:///home/me/clips 这样的地址。',
  },
  refused: { message: '系统拒绝使用 {path} ({reason})。', remedy: CHECK_PATH },
}

/** Files of text. */
export const text: FailureTexts = {
  textTooLarge: {
    message: '{path} 超过 {megabytes} MB，即文本文件的上限。',
    remedy: '请将它分成几份。',
  },
  notUtf8: { message: '{file} 不是 UTF-8 文本。', remedy: SAVE_AS_UTF8 },
  notUtf8InLine: { message: '{file} 第 {line} 行：文字不是 UTF-8。', remedy: SAVE_AS_UTF8 },
}

/** Files of one array each, and of parameters. */
export const formats: FailureTexts = {
  notSafetensors: {
    message: '{path} 不是完整的 float32 safetensors 文件。',
    remedy: '请从副本恢复，或重新训练。',
  },
  notNpy: { message: '{file} 不是 .npy 文件。', remedy: SAVE_AS_FLOAT },
  npyVersion: {
    message: '{file} 的 .npy 版本为 {version}；可读取版本 1 和 2。',
    remedy: SAVE_AS_FLOAT,
  },
  npyHeaderCut: { message: '{file} 的文件头不完整。', remedy: SAVE_AS_FLOAT },
  npyHeader: { message: '{file} 的文件头不是数组说明。', remedy: SAVE_AS_FLOAT },
  notFloats: {
    message: '{file} 的元素类型是 {type}；需要 float16、float32 或 float64。',
    remedy: SAVE_AS_FLOAT,
  },
  notNumbers: { message: '{file} 的元素类型是 {type}；需要数字或布尔值。', remedy: SAVE_AS_FLOAT },
  npySize: {
    message: '{file} 有 {bytes} 字节数据，而形状 ({shape}) 需要 {needed} 字节。',
    remedy: SAVE_AS_FLOAT,
  },
}

/** Files of several arrays. */
export const arrays: FailureTexts = {
  notArrays: {
    message: '{file} 不是数组文件。',
    remedy: '可读取 .npy、.npz、.safetensors 和 HDF5（.h5、.hdf5）中的数组。',
  },
  broken: { message: '{file} 无法读取：{reason}。', remedy: GET_ANEW },
  cut: { message: '{file} 在数组 {key} 中途结束。', remedy: GET_ANEW },
  altered: { message: '{file} 已损坏：其中的 {key} 与打包时不同。', remedy: GET_ANEW },
  notFloats: {
    message: '{file} 中 {key} 的类型是 {type}；需要 float16、float32 或 float64。',
    remedy: '请将数组存为 float32。',
  },
  tooLarge: {
    message: '{file} 中的 {key} 有 {megabytes} MB，需要整个放入内存。',
    remedy: '请按 C 顺序保存 (numpy.ascontiguousarray)，或每个片段一个数组。',
  },
  noHdf5: {
    message: '{file} 是 HDF5，需要可选软件包 h5wasm。',
    remedy: '请在 Vitrine 的文件夹中用“npm install”安装它，或将数组存为 .npz。',
  },
}
