import { VitrineError } from '../../contract/index.ts'
import { tokenize } from '../metrics/tokenize.ts'
import type { Pacer } from '../pacer.ts'
import { STOP_WORDS } from './stopWords.ts'

/** Documents as word numbers, in compressed rows. */
export interface Corpus {
  /** Number to word, in the order of first occurrence. */
  vocabulary: string[]
  /** The word of each token; document d holds tokens starts[d] to starts[d + 1] - 1. */
  words: Uint32Array
  /** One more than there are documents. */
  starts: Uint32Array
}

export interface VocabularyRule {
  /** A word must occur in at least this many documents ... */
  minDocumentFrequency: number
  /** ... and in at most this share of the documents that have a caption. */
  maxDocumentShare: number
}

/**
 * One document a clip, all its captions; stop words and words outside the rule are left out, so a document may be empty.
 * `pause` is
 * called between documents. Throws BAD_INPUT when no word is left.
 */
export async function buildCorpus(documents: readonly { captions: string[] }[], rule: VocabularyRule, pause: Pacer): Promise<Corpus> {
  const tokens: string[][] = []
  const frequency = new Map<string, number>()
  for (const { captions } of documents) {
    if (pause.due()) await pause()
    const words = captions.flatMap(tokenize)
    for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
    tokens.push(words)
  }

  const captioned = tokens.filter((words) => words.length > 0).length
  const most = rule.maxDocumentShare * captioned
  const numbers = new Map<string, number>()
  for (const [word, count] of frequency) {
    if (count >= rule.minDocumentFrequency && count <= most && !STOP_WORDS.has(word)) numbers.set(word, numbers.size)
  }
  if (numbers.size === 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `No word is left to find topics in: of the ${frequency.size} words of ${captioned} captioned clips, none but stop words ` +
        `occurs in at least ${rule.minDocumentFrequency} and at most ${Math.floor(most)} clips.`,
      'Lower the minimum document frequency or raise the maximum document share.',
    )
  }
  const kept = tokens.map((words) => words.flatMap((word) => numbers.get(word) ?? []))
  const starts = new Uint32Array(documents.length + 1)
  kept.forEach((words, d) => (starts[d + 1] = starts[d]! + words.length))
  const words = new Uint32Array(starts[documents.length]!)
  kept.forEach((own, d) => words.set(own, starts[d]!))
  return { vocabulary: [...numbers.keys()], words, starts }
}
