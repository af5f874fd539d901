import type { EngineHandlers } from '../../engine-host/contract.ts'
import { cider, compare, evaluate, score } from './evaluate.ts'

export { meanAveragePrecision } from './meanAveragePrecision.ts'
export { scoreCaptions } from './score.ts'
export { tokenize } from '../../common/tokenize.ts'

export const metricHandlers: Pick<
  EngineHandlers,
  'metrics.score' | 'metrics.cider' | 'metrics.compare' | 'metrics.evaluate'
> = {
  'metrics.score': score,
  'metrics.cider': cider,
  'metrics.compare': compare,
  'metrics.evaluate': evaluate,
}
