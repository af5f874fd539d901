import type { Catalogue } from '../messages.ts'

export const chart: Catalogue['chart'] = {
  confusionMatrix: '混淆矩阵',
  truePredicted: '真实 \\ 预测',
  takenForOfTheRow: '{classes} 被当作 {classes2}：{n}（占该行 {n2}）',
  by: '{title}，按{over}',
  kept: '已保留',
}
