import { actionHandlers } from './actions/index.ts'
import { captionerHandlers } from './captioner/index.ts'
import type { EngineHandlers } from '../engine-host/contract/index.ts'
import { correctionHandlers } from './corrections/index.ts'
import { deviceHandlers } from './devices.ts'
import { encoderHandlers } from './encoders/index.ts'
import { featureHandlers } from './features/index.ts'
import { corpusHandlers } from './corpus/index.ts'
import { metricHandlers } from './metrics/index.ts'
import { neuronHandlers } from './neurons/index.ts'
import { topicHandlers } from './topics/index.ts'

/** Every method of the engine; the type proves that none is missing. */
export const handlers: EngineHandlers = {
  ...actionHandlers,
  ...captionerHandlers,
  ...correctionHandlers,
  ...deviceHandlers,
  ...encoderHandlers,
  ...featureHandlers,
  ...corpusHandlers,
  ...metricHandlers,
  ...neuronHandlers,
  ...topicHandlers,
}
