/** Faults in what people say of clips. */
import type { FindingKind } from '#contract'
import type { Handlers } from './call.ts'
import type { TopicModel } from './topics.ts'

export interface CorpusMethods {
  /**
   * Looks for faults in captions: see `findingKind` of the contract. `topics`, when there are any: p(word |
   * topic) as counts, for contradictions. A caption has at most one finding of a kind. Deterministic. Throws
   * NOT_FOUND without WordNet's package.
   */
  'corpus.check': {
    params: { clips: { id: number; captions: { id: number; text: string }[] }[]; topics: TopicModel | null }
    result: {
      findings: {
        kind: FindingKind
        clipId: number
        captionId: number | null
        reason: string
        suggestion: string | null
        score: number
      }[]
    }
  }
}

export type CorpusHandlers = Handlers<CorpusMethods>
