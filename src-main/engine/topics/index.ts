import type { EngineHandlers } from '../contract.ts'
import { fitTopics } from './fit.ts'

export const topicHandlers: Pick<EngineHandlers, 'topics.fit'> = { 'topics.fit': fitTopics }
