import type { EngineHandlers } from '../../engine-host/contract.ts'
import { createTopic } from './create.ts'
import { describeTopics } from './describe.ts'
import { fitTopics } from './fit.ts'
import { inferTopics } from './infer.ts'
import { mapTopics } from './map.ts'
import { markWords } from './mark.ts'
import { splitTopic } from './split.ts'
import { sweepTopics } from './sweep.ts'

type TopicMethods =
  | 'topics.fit'
  | 'topics.infer'
  | 'topics.sweep'
  | 'topics.split'
  | 'topics.create'
  | 'topics.describe'
  | 'topics.map'
  | 'topics.mark'

export const topicHandlers: Pick<EngineHandlers, TopicMethods> = {
  'topics.fit': fitTopics,
  'topics.infer': inferTopics,
  'topics.sweep': sweepTopics,
  'topics.split': splitTopic,
  'topics.create': createTopic,
  'topics.describe': describeTopics,
  'topics.map': mapTopics,
  'topics.mark': markWords,
}
