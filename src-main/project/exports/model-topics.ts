/** The topics of a model, as an export carries them: all that is needed to find them in captions elsewhere. */
import type { Model, OpenProject, TopicRun, VocabularyWord, WordCount } from '../../store/index.ts'

/** The content of `topics.json`. */
export interface ModelTopics {
  /** How captions become words, and the words of the corpus; null where topics have none. */
  run: Pick<TopicRun, 'request' | 'phrases' | 'beta'> | null
  vocabulary: VocabularyWord[]
  /** By column of the model's topic head. */
  topics: {
    label: string
    /** Whether a person gave the label. */
    labelled: boolean
    description: string
    npmi: number | null
    alpha: number | null
    words: WordCount[]
  }[]
}

export function modelTopics({ store }: OpenProject, model: Model): ModelTopics {
  const run = store.topics.run()
  return {
    run: run && { request: run.request, phrases: run.phrases, beta: run.beta },
    vocabulary: run === null ? [] : [...store.topics.vocabulary().values()],
    topics: model.topics.map((topicId) => {
      const { label, labelled, description, npmi, alpha } = store.topics.record(topicId)
      return { label, labelled, description, npmi, alpha, words: store.topics.words(topicId) }
    }),
  }
}
