import type { Catalogue } from '../messages.ts'

export const machine: Catalogue['machine'] = {
  works: '可用，{stepTime}',
  unknown: '未知',
  notHere: '此处不可用：{reason}',
  ms: '{ms} 毫秒',
  aStep: '每步 {ms}',
}
