import type { Catalogue } from '../messages.ts'

export const list: Catalogue['list'] = {
  next: '下一个{noun}',
  previous: '上一个{noun}',
  markOnTheWayDown: '向下移动并标记',
  markOnTheWayUp: '向上移动并标记',
  markAllThatAreListed: '标记列出的全部',
  markThe: '标记该{noun}',
  chooseAFirst: '请先选择{noun}',
  markNone: '全部取消标记',
  noneIsMarked: '没有已标记的',
}
