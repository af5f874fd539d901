import type { Catalogue } from '../messages.ts'

export const chart: Catalogue['chart'] = {
  by: '{title}，按{over}',
  kept: '已保留',
  step: '步',
  n: 'n = {n}',
}
