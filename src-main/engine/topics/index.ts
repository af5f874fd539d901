import type { EngineHandlers } from '../contract.ts'
import { fitTopics } from './fit.ts'
import { inferTopics } from './infer.ts'
import { sweepTopics } from './sweep.ts'

export const topicHandlers: Pick<EngineHandlers, 'topics.fit' | 'topics.infer' | 'topics.sweep'> = {
  'topics.fit': fitTopics,
  'topics.infer': inferTopics,
  'topics.sweep': sweepTopics,
}
