import type { MetricHandlers } from '../../engine-host/contract/metrics.ts'
import { cider, compare, evaluate, score } from './evaluate.ts'

export { meanAveragePrecision } from './meanAveragePrecision.ts'
export { scoreCaptions } from './score.ts'
export { tokenize } from '../../common/tokenize.ts'

export const metricHandlers: MetricHandlers = {
  'metrics.score': score,
  'metrics.cider': cider,
  'metrics.compare': compare,
  'metrics.evaluate': evaluate,
}
