import type { Catalogue } from '../messages.ts'

export const chart: Catalogue['chart'] = {
  by: '{title}，按{over}',
  kept: '已保留',
  step: '步',
  n: 'n = {n}',
  pointsOf: '{title}：数据点',
  noPoint: '无数据点',
  pointAtAMark: '指向一个标记，或用方向键逐个移动；按 Enter 打开其模型。',
}
