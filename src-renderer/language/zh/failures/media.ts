import type { FailureTexts } from '../../failure-texts.ts'

const INSTALL = '请安装 ffmpeg（Debian：apt install ffmpeg），或将 VITRINE_FFMPEG 设为 ffmpeg 程序的路径。'
const CUT = '请剪成较短的片段，或去掉它。'
const COPY_AGAIN = '请重新复制或下载。'
const CONVERT = '请去掉它，或转换格式。'
const SCALE_DOWN = '请缩小尺寸，或去掉它。'
const OTHER_FOLDER = '请指定新的或空的文件夹。'

export const media: FailureTexts = {
  // The libraries, and the process that they run in.
  librariesMissing: { message: '此系统无法加载 FFmpeg 的库：{reason}。', remedy: INSTALL },
  endedBySignal: { message: '{file} 使读取它的进程终止（信号 {signal}）。', remedy: CONVERT },
  endedWithExitCode: { message: '{file} 使读取它的进程终止（退出码 {exitCode}）。', remedy: CONVERT },

  // The program.
  ffmpegMissing: { message: '在 ffmpeg-static 和 PATH 中都没有找到 ffmpeg。', remedy: INSTALL },
  notAProgram: { message: 'VITRINE_FFMPEG 所指的 {path} 不是程序。', remedy: INSTALL },
  notFfmpeg: { message: '{path} 不能作为 ffmpeg 运行。', remedy: INSTALL },
  notStarted: { message: '无法启动 {path}。', remedy: INSTALL },
  encoderMissing: {
    message: '此 ffmpeg 编译时不含 {file} 所需的编码器 {encoder}。',
    remedy: '请使用含 {encoder} 的 ffmpeg：安装 Debian 的 ffmpeg，或将 VITRINE_FFMPEG 设为另一个。',
  },

  // What ffmpeg says of a file.
  diskFull: { message: '磁盘已满，无法写入 {file}。', remedy: '请腾出一些空间后重试。' },
  fileMissing: { message: '{file} 不存在。' },
  permissionDenied: { message: '无权读写 {file}。', remedy: '请更改其权限。' },
  noVideoStream: {
    message: '{file} 中没有视频流。',
    remedy: '请去掉它，或换成有画面的片段。',
  },
  notAVideo: {
    message: '{file} 不是 ffmpeg 能读取的视频。',
    remedy: '请去掉它，或换成视频文件。',
  },
  cutOff: { message: '{file} 不完整：它在容器所写的结尾之前就结束了。', remedy: COPY_AGAIN },
  containerRefused: {
    message: '{file} 不是可打开的视频类型（mp4、mov、mkv、webm、avi、mpeg、ts、wmv、flv、ogv、gif）。',
    remedy: CONVERT,
  },
  damagedBeyondUse: {
    message: '{file} 已损坏：{declared} 秒中只有 {decoded} 秒可以解码。',
    remedy: COPY_AGAIN,
  },
  ffmpegFailed: { message: 'ffmpeg 处理 {file} 时出错：{reason}。' },
  ffmpegSilent: { message: 'ffmpeg 处理 {file} 时出错，没有说明原因。' },
  animatedWebp: {
    message: '{path} 是动态 WebP，无法打开。',
    remedy: '请转换为 GIF 或视频。',
  },
  noPicturesInFolder: {
    message: '文件夹 {path} 中没有图片（jpg、png、webp）。',
    remedy: '请指定视频、图片或帧文件夹。',
  },
  noFrameBetween: {
    message: '{path} 在给定的起点和终点之间没有帧。',
    remedy: '请给出视频结尾之前的起点。',
  },

  // What a file takes.
  tookTooLong: { message: '{file} 在 {seconds} 秒内没有解码完。', remedy: CUT },
  noProgress: { message: '{file} 已有 {seconds} 秒没有给出帧。', remedy: CUT },
  tooManyFrames: { message: '{file} 超过 {frames} 帧，即一个片段的上限。', remedy: CUT },
  tooManyPixels: { message: '{file} 的画面超过 8192×8192 像素。', remedy: SCALE_DOWN },
  tooMuchMemory: { message: '解码 {file} 所需的内存超过一个片段的上限。', remedy: SCALE_DOWN },

  // Videos.
  fileEmpty: { message: '{path} 为空（0 字节）。', remedy: COPY_AGAIN },
  notDecodable: { message: '{path} 中没有 ffmpeg 能解码的视频流。' },
  noFrame: { message: '{path} 中没有可解码的帧。', remedy: '请去掉它，或换一个。' },
  framesMissing: {
    message: '{path} 只给出所需 {wanted} 帧中的 {decoded} 帧。',
    remedy: '文件在导入之后有变化，或已损坏：请重新导入。',
  },

  // The sample corpus.
  sampleInFile: { message: '{folder} 是文件，不是文件夹。', remedy: OTHER_FOLDER },
  sampleFolderTaken: {
    message: '{folder} 不是空的，也不只是示例语料：其中有 {name}。',
    remedy: OTHER_FOLDER,
  },
}
