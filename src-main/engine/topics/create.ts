import { quoted } from '../../common/text.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { distinctiveWords } from './distinctive-words.ts'
import type { WordTokens } from './distinctive-words.ts'
import { failures } from './failures.ts'
import { createJoiner } from './phrases.ts'
import type { Joiner } from './phrases.ts'
import { WordReader } from './words.ts'

/** A word, by its number, with its tokens. */
interface CountedWord {
  word: number
  count: number
}

/** How captions become words, and which clips and words are asked for. */
interface Reading {
  read: (caption: string) => number[]
  isChosen: (clipId: number) => boolean
  isWanted: (word: number) => boolean
}

/** The tokens of documents. */
interface Tally {
  counts: Map<number, WordTokens>
  /** Of all words. */
  tokens: Omit<WordTokens, 'word'>
  /** In the order they came; `hits` are tokens of the words asked for. */
  documents: { id: number; tokens: number; hits: number }[]
}

/**
 * A topic from words or from clips: see the contract. Tokens are those of the vocabulary and of the words
 * asked for; without a vocabulary, all but stop words. Words come by falling count.
 */
export async function createTopic(
  { documents, others, rule, phrases, vocabulary, from }: EngineParams<'topics.create'>,
  { signal }: EngineContext,
): Promise<EngineResult<'topics.create'>> {
  const reader = await WordReader.create(rule)
  const join = createJoiner(phrases, reader)
  const known = new Set(vocabulary.map((word) => reader.number(word)))
  const wanted = from.by === 'words' ? wordNumbers(from.words, reader, join) : new Map<number, string>()
  const chosen = new Set(from.by === 'clips' ? from.clipIds : [])
  const isCounted = (word: number): boolean =>
    wanted.has(word) || (known.size > 0 ? known.has(word) : !reader.stops[word])
  const reading: Reading = {
    read: (caption) => join(reader.read(caption)).filter(isCounted),
    isChosen: (id) => chosen.has(id),
    isWanted: (word) => wanted.has(word),
  }
  const pause = createPacer(signal)
  const tally = await tallyTokens(documents, reading, pause)
  const ofOthers = await tallyTokens(others, reading, pause)

  const words = from.by === 'words' ? wordsAskedFor(wanted, tally) : wordsOfClips(chosen, tally, ofOthers)
  words.sort((a, b) => b.count - a.count || a.word - b.word)
  return {
    label: proposeLabel(words, tally, reader),
    words: words.map(({ word, count }) => ({ word: reader.words[word]!, count })),
    shares: [tally, ofOthers].flatMap((counted) =>
      from.by === 'words' ? sharesOfHits(counted) : sharesOfChosen(chosen, counted),
    ),
  }
}

/**
 * The numbers of words as people write them. Throws BAD_INPUT for what is not one word, nor a phrase that
 * captions are read with.
 */
function wordNumbers(words: readonly string[], reader: WordReader, join: Joiner): Map<number, string> {
  const numbers = new Map<number, string>()
  for (const word of words) {
    // A phrase as topics have it, `red_star`, reads as its two words.
    const read = join(reader.read(word))
    if (read.length !== 1) {
      throw failures.notOneWord({ word })
    }
    numbers.set(read[0]!, word)
  }
  return numbers
}

/** Counts the words that `read` makes of captions. `pause` is called between documents. */
async function tallyTokens(
  documents: EngineParams<'topics.create'>['documents'],
  { read, isChosen, isWanted }: Reading,
  pause: Pacer,
): Promise<Tally> {
  const tally: Tally = { counts: new Map(), tokens: { inClips: 0, inCorpus: 0 }, documents: [] }
  for (const { id, captions } of documents) {
    if (pause.due()) {
      await pause()
    }
    const words = captions.flatMap(read)
    const inClips = isChosen(id) ? 1 : 0
    for (const word of words) {
      const count = tally.counts.get(word) ?? { word, inClips: 0, inCorpus: 0 }
      tally.counts.set(word, count)
      count.inClips += inClips
      count.inCorpus += 1
    }
    tally.tokens.inClips += inClips * words.length
    tally.tokens.inCorpus += words.length
    tally.documents.push({ id, tokens: words.length, hits: words.filter(isWanted).length })
  }
  return tally
}

/** The words asked for with their tokens. Throws BAD_INPUT, naming them, for those that no caption has. */
function wordsAskedFor(wanted: ReadonlyMap<number, string>, { counts }: Tally): CountedWord[] {
  const missing = [...wanted].filter(([word]) => !counts.has(word)).map(([, written]) => written)
  if (missing.length > 0) {
    const failing = missing.length === 1 ? failures.wordInNoCaption : failures.wordsInNoCaption
    throw failing({ words: quoted(missing) })
  }
  return [...wanted.keys()].map((word) => ({ word, count: counts.get(word)!.inCorpus }))
}

/**
 * The words that set the clips apart, those of `ofOthers` left aside. Throws BAD_INPUT, naming some, for clips
 * without words, and where all are of `ofOthers`.
 */
function wordsOfClips(
  chosen: ReadonlySet<number>,
  { counts, tokens, documents }: Tally,
  ofOthers: Tally,
): CountedWord[] {
  const captioned = new Set(
    [...documents, ...ofOthers.documents].filter((document) => document.tokens > 0).map(({ id }) => id),
  )
  const empty = [...chosen].filter((id) => !captioned.has(id))
  const [clipId] = empty
  if (clipId !== undefined && empty.length === 1) {
    throw failures.clipWithoutWords({ clips: chosen.size, clipId })
  }
  if (empty.length > 1) {
    const clipIds = empty.slice(0, 5).join(', ')
    throw failures.clipsWithoutWords({ empty: empty.length, clips: chosen.size, clipIds })
  }
  if (tokens.inClips === 0) {
    throw failures.clipsNotRead({ clips: chosen.size })
  }
  return distinctiveWords([...counts.values()], tokens)
}

function proposeLabel(words: readonly CountedWord[], { counts, tokens }: Tally, reader: WordReader): string {
  const total = words.reduce((sum, { count }) => sum + count, 0)
  const [label] = proposeLabels([
    words.map(({ word, count }) => ({
      word: reader.words[word]!,
      p: count / total,
      corpusP: counts.get(word)!.inCorpus / tokens.inCorpus,
    })),
  ])
  return label!
}

const sharesOfHits = ({ documents }: Tally): { id: number; share: number }[] =>
  documents.filter(({ hits }) => hits > 0).map(({ id, tokens, hits }) => ({ id, share: hits / tokens }))

const sharesOfChosen = (chosen: ReadonlySet<number>, { documents }: Tally): { id: number; share: number }[] =>
  documents.filter(({ id, tokens }) => chosen.has(id) && tokens > 0).map(({ id }) => ({ id, share: 1 }))
