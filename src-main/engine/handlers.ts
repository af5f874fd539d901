import type { EngineHandlers } from './contract.ts'
import { metricHandlers } from './metrics/index.ts'

/** Every method of the engine; the type proves that none is missing. */
export const handlers: EngineHandlers = {
  ...metricHandlers,
}
