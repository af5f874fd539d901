/**
 * Topics in the forms of other programs. MALLET's doc-topics and topic-keys as its printDenseDocumentTopics
 * and displayTopWords write them (version 2.0.8 and later), and the arguments of pyLDAvis.prepare.
 *
 * Both want each clip's smoothed distribution over topics, (alpha_k + n_k) / (N + sum of alpha): n_k tokens
 * of the clip's N are the topic's. The project stores shares n_k / N; N is counted anew, as the clip's tokens
 * in the vocabulary.
 */
import type { TopicModel } from '../../../engine-host/contract/index.ts'
import type { OutFile } from '../files.ts'
import { rounded } from './plain.ts'
import type { ClipEntry, TopicExport } from './plain.ts'

const TOP_WORDS = 20
/** Decimal places that MALLET gives a prior. */
const PRIOR_DIGITS = 5

/** What other programs need beside the topics. */
interface Corpus {
  /** The words of the current topics, by column; null where none has any. */
  model: TopicModel | null
  /** Prior of each topic in a clip, in tokens. */
  alpha: number[]
  /** Tokens of each clip in the vocabulary, by clip id. */
  tokens: ReadonlyMap<number, number>
}

/** doc-topics.txt, topic-keys.txt, and (where topics have words) pyldavis.json. */
export function foreignFiles(topics: TopicExport, corpus: Corpus): OutFile[] {
  return [
    { name: 'doc-topics.txt', pieces: docTopics(topics, corpus) },
    { name: 'topic-keys.txt', pieces: topicKeys(topics, corpus) },
    ...(corpus.model === null
      ? []
      : [{ name: 'pyldavis.json', pieces: pyLDAvis(topics, corpus, corpus.model) }]),
  ]
}

/** A clip's distribution over the columns; without tokens and shares it is the prior. */
function distribution(entries: readonly ClipEntry[], tokens: number, alpha: readonly number[]): number[] {
  const shares = entries.reduce((sum, { share }) => sum + share, 0)
  const counts = [...alpha]
  if (shares > 0) {
    // Of a clip whose captions have no word of the vocabulary, shares that were given count as one token.
    const length = Math.max(1, tokens)
    for (const { column, share } of entries) {
      counts[column]! += (length * share) / shares
    }
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => rounded(count / total))
}

/** Readers part the fields at any space: MALLET's own names are addresses, in which a space is %20. */
const withoutSpaces = (name: string): string => name.replace(/\s/gu, encodeURIComponent)

function* docTopics({ clips }: TopicExport, { alpha, tokens }: Corpus): Generator<string> {
  for (const [number, { id, name, entries }] of clips.entries()) {
    yield `${number}\t${withoutSpaces(name)}\t${distribution(entries, tokens.get(id) ?? 0, alpha).join('\t')}\n`
  }
}

function* topicKeys({ current }: TopicExport, { alpha, model }: Corpus): Generator<string> {
  const { topics = [], vocabulary = [] } = model ?? {}
  for (const column of current.keys()) {
    const counts = topics[column]?.counts.slice(0, TOP_WORDS) ?? []
    const words = counts.map(({ word }) => `${vocabulary[word]!.word} `)
    const prior = alpha[column]!.toLocaleString('en-US', { maximumFractionDigits: PRIOR_DIGITS })
    yield `${column}\t${prior}\t${words.join('')}\n`
  }
}

function* pyLDAvis({ clips }: TopicExport, { alpha, tokens }: Corpus, model: TopicModel): Generator<string> {
  const { topics, vocabulary, beta } = model
  yield '{"topic_term_dists": ['
  for (const [column, { counts }] of topics.entries()) {
    // A topic without words is even over all of them.
    const smoothing = beta > 0 || counts.length > 0 ? beta : 1
    const row = new Float64Array(vocabulary.length).fill(smoothing)
    for (const { word, count } of counts) {
      row[word]! += count
    }
    const total = row.reduce((sum, count) => sum + count, 0)
    yield `${column === 0 ? '' : ','}\n[${Array.from(row, (count) => rounded(count / total)).join(',')}]`
  }
  yield '],\n"doc_topic_dists": ['
  for (const [number, { id, entries }] of clips.entries()) {
    yield `${number === 0 ? '' : ','}\n[${distribution(entries, tokens.get(id) ?? 0, alpha).join(',')}]`
  }
  const lengths = clips.map(({ id }) => tokens.get(id) ?? 0)
  yield `],\n"doc_lengths": [${lengths.join(',')}],\n`
  yield `"vocab": ${JSON.stringify(vocabulary.map(({ word }) => word))},\n`
  yield `"term_frequency": [${termFrequencies(model).join(',')}]}\n`
}

function termFrequencies({ topics, vocabulary, beta }: TopicModel): number[] {
  const countInTopics = new Float64Array(vocabulary.length)
  for (const { counts } of topics) {
    for (const { word, count } of counts) {
      countInTopics[word]! += count
    }
  }
  // A word that only a topic's editor knows has been seen in it alone. No word has the frequency 0: its
  // logarithm is taken.
  const smallest = beta > 0 ? beta : 0.01
  return vocabulary.map(({ tokens }, word) =>
    tokens > 0 ? tokens : rounded(countInTopics[word]!) || smallest,
  )
}
