import type { Model, OpenProject, Table } from '../../store/index.ts'
import { TOPIC_WORD_TABLES, topicErrors, topicSpotter, topicVerdicts } from './topic-verdicts.ts'
import type { TopicErrors, TopicVerdict } from './topic-verdicts.ts'

/** The tables that `clipTopics` reads; verdicts rest on `caption` besides. */
export const CLIP_TOPIC_TABLES = ['clip_topic', ...TOPIC_WORD_TABLES] as const satisfies readonly Table[]

export type ClipTopics = ReturnType<typeof clipTopics>

/** A model's topics in one clip: those that it bears, and how its captions stand to them. */
export function clipTopics({ store }: OpenProject, model: Model, clipId: number) {
  const topics = store.topics.getAll(model.topics)
  const borne: ReadonlySet<number> = new Set(store.topics.vectorOf(model.topics, clipId))
  const topicsIn = topicSpotter(topics)
  const verdicts = (caption: string): TopicVerdict[] =>
    topicVerdicts(topicsIn(caption), borne, () => {
      const human = store.captions.ofClip(clipId).map(({ text }) => text)
      return topicsIn(human.join('\n'))
    })
  return {
    topics,
    /** The columns of the topics that the clip bears. */
    borne,
    /** Whether a sentence names each topic, by column. */
    topicsIn,
    verdicts,
    errors: (caption: string): TopicErrors => topicErrors(model.topics, verdicts(caption)),
  }
}
