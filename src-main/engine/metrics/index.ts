import type { EngineHandlers } from '../contract.ts'
import { compare, evaluate, score } from './evaluate.ts'

export { meanAveragePrecision } from './meanAveragePrecision.ts'
export { scoreCaptions } from './score.ts'
export { tokenize } from './tokenize.ts'

export const metricHandlers: Pick<EngineHandlers, 'metrics.score' | 'metrics.compare' | 'metrics.evaluate'> = {
  'metrics.score': score,
  'metrics.compare': compare,
  'metrics.evaluate': evaluate,
}
