import type { Catalogue } from '../messages.ts'

export const splits: Catalogue['splits'] = {
  train: '训练',
  val: '验证',
  test: '测试',
}
