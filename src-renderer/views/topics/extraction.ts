/** What the extract dialog asks for, as text and numbers, and the request that it makes of them. */
import type { ExtractRequest, FittedTopicSettings, TopicRow, TopicSource } from '#contract'

export interface Draft {
  from: TopicSource
  k: number
  iterations: number
  burnIn: number | null
  sampleEvery: number
  seed: number
  documentPrior: 'fixed' | 'optimised'
  wordPrior: 'fixed' | 'optimised'
  minDocumentFrequency: number
  maxDocumentShare: number
  builtInStopWords: boolean
  stopWords: string
  phrases: boolean
  phraseScore: number
  lemmas: boolean
  topicsPerClip: number
  minShare: number
  /** Lines "label: word, word"; without a label it is proposed. */
  seeds: string
  keep: 'none' | 'chosen' | 'labelled' | 'all'
  keepAs: 'fixed' | 'start'
}

/** Where the dialog starts: with what fits the corpus. */
export const usualDraft = ({
  k,
  minDocumentFrequency,
  maxDocumentShare,
}: Omit<FittedTopicSettings, 'clips'>): Draft => ({
  from: 'train',
  k,
  iterations: 500,
  burnIn: null,
  sampleEvery: 1,
  seed: 1,
  documentPrior: 'fixed',
  wordPrior: 'fixed',
  minDocumentFrequency,
  maxDocumentShare,
  builtInStopWords: true,
  stopWords: '',
  phrases: false,
  phraseScore: 10,
  lemmas: false,
  topicsPerClip: 3,
  minShare: 0.05,
  seeds: '',
  keep: 'none',
  keepAs: 'fixed',
})

/** Numbers of topics around the fitted one that are worth trying: half of it to twice as many, none more than clips. */
export const numbersAround = ({ k, clips }: Pick<FittedTopicSettings, 'k' | 'clips'>): number[] => [
  ...new Set([0.5, 0.75, 1, 1.5, 2].map((share) => Math.max(2, Math.min(clips, Math.round(k * share))))),
]

const parted = (text: string): string[] =>
  text
    .split(/[,;]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** The topics that lines of seeds lay down. */
export function seededTopics(text: string): { label: string | null; seeds: string[] }[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const colon = line.indexOf(':')
      const label = colon < 0 ? '' : line.slice(0, colon).trim()
      return { label: label === '' ? null : label, seeds: parted(line.slice(colon + 1)) }
    })
}

/** Topics that stay when topics are found anew. */
export function keptTopics(
  keep: Draft['keep'],
  topics: readonly TopicRow[],
  chosen: readonly TopicRow[],
): TopicRow[] {
  const current = (candidates: readonly TopicRow[]): TopicRow[] =>
    candidates.filter(({ state }) => state === 'active' || state === 'hidden')
  switch (keep) {
    case 'none':
      return []
    case 'chosen':
      return current(chosen)
    case 'labelled':
      return current(topics).filter(({ labelled }) => labelled)
    case 'all':
      return current(topics)
  }
}

export function requestOf(draft: Draft, kept: readonly TopicRow[]): ExtractRequest {
  const { stopWords, phrases, phraseScore, seeds, keep: _keep, keepAs, ...plain } = draft
  return {
    ...plain,
    phraseScore: phrases ? phraseScore : null,
    stopWords: stopWords.split(/[\s,;]+/).filter((word) => word !== ''),
    topics: seededTopics(seeds),
    keep: kept.map(({ id }) => ({ topicId: id, as: keepAs })),
  }
}
