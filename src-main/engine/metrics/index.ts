import type { MetricHandlers } from '../../engine-host/contract/metrics.ts'
import { cider, compare, evaluate, score } from './evaluate.ts'

export { meanAveragePrecision } from './mean-average-precision.ts'
export { scoreCaptions } from './score.ts'

export const metricHandlers: MetricHandlers = {
  'metrics.score': score,
  'metrics.cider': cider,
  'metrics.compare': compare,
  'metrics.evaluate': evaluate,
}
