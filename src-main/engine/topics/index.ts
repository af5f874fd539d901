import type { TopicHandlers } from '../../engine-host/contract/topics.ts'
import { createTopic } from './create.ts'
import { describeTopics } from './describe.ts'
import { fitTopics } from './fit.ts'
import { inferTopics } from './infer.ts'
import { mapTopics } from './map.ts'
import { markWords } from './mark.ts'
import { splitTopic } from './split.ts'
import { sweepTopics } from './sweep.ts'

export const topicHandlers: TopicHandlers = {
  'topics.fit': fitTopics,
  'topics.infer': inferTopics,
  'topics.sweep': sweepTopics,
  'topics.split': splitTopic,
  'topics.create': createTopic,
  'topics.describe': describeTopics,
  'topics.map': mapTopics,
  'topics.mark': markWords,
}
