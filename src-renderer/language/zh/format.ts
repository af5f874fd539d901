import type { Catalogue } from '../messages.ts'

export const format: Catalogue['format'] = {
  aWholePathIsNeeded: '需要完整路径，例如 /home/me/clips 或 ~/clips。',
  seconds: '{seconds} 秒',
  minutes: '{minutes} 分 {seconds} 秒',
  hours: '{hours} 小时 {minutes} 分',
  wholeHours: '{hours} 小时',
  partOfItsVideo: '其视频的 {start}–{end} 秒',
}
