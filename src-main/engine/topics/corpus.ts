import type { Pacer } from '../pacer.ts'
import { failures } from './failures.ts'
import { createJoiner, findPhrases } from './phrases.ts'
import { WordReader } from './words.ts'
import type { WordRule } from './words.ts'

/** Documents as word numbers, in compressed rows. */
export interface Corpus {
  /** Number to word, in the order of first occurrence. */
  vocabulary: string[]
  /**
   * The word of each token, in the order of the text; document d holds tokens starts[d] to starts[d + 1] - 1.
   */
  words: Uint32Array
  /** One more than there are documents. */
  starts: Uint32Array
}

/** A corpus with what was found out on the way to it. */
export interface FittedCorpus extends Corpus {
  /** Documents that hold the word. */
  documentFrequency: Uint32Array
  /** Pairs of words that were joined, `red_star`. */
  phrases: string[]
  /** The words that a text would come to, by number in the vocabulary; -1 for one that is not in it. */
  read(text: string): number[]
}

export interface VocabularyRule extends WordRule {
  /** A word must occur in at least this many documents ... */
  minDocumentFrequency: number
  /** ... and in at most this share of the documents that have a caption. */
  maxDocumentShare: number
  /** Neighbours that score at least this are one word (see `findPhrases`); null: none are. */
  phraseScore: number | null
}

/** Documents as lists of captions, a caption as the reader's numbers of its words. */
type Texts = readonly (readonly (readonly number[])[])[]

/**
 * One document a clip, all its captions; stop words and words outside the rule are left out, so a document
 * may be empty. `pause` is called between documents. Throws BAD_INPUT when no word is left.
 */
export async function buildCorpus(
  documents: readonly { captions: string[] }[],
  rule: VocabularyRule,
  pause: Pacer,
): Promise<FittedCorpus> {
  const reader = await WordReader.create(rule)
  const texts = await readTexts(documents, (caption) => reader.read(caption), pause)
  const phrases =
    rule.phraseScore === null
      ? []
      : await findPhrases(
          texts,
          reader,
          { threshold: rule.phraseScore, discount: rule.minDocumentFrequency },
          pause,
        )
  const join = createJoiner(phrases, reader)
  const joined = texts.map((captions) => captions.map(join))
  const frequency = documentFrequencies(joined, reader.words.length)
  const { vocabulary, placeOf } = chooseVocabulary(reader, frequency, joined, rule)
  return {
    vocabulary,
    ...pack(joined, (number) => placeOf[number]!),
    documentFrequency: Uint32Array.from(vocabulary, (word) => frequency[reader.number(word)]!),
    phrases,
    read: (text) => join(reader.read(text)).map((number) => placeOf[number] ?? -1),
  }
}

/**
 * Documents in the words of a vocabulary that `buildCorpus` made, with its phrases and its rule; other words
 * are left out.
 */
export async function readCorpus(
  documents: readonly { captions: string[] }[],
  { vocabulary, phrases, rule }: { vocabulary: string[]; phrases: readonly string[]; rule: WordRule },
  pause: Pacer,
): Promise<Corpus> {
  const reader = await WordReader.create(rule)
  for (const word of vocabulary) {
    reader.number(word)
  }
  const join = createJoiner(phrases, reader)
  const texts = await readTexts(documents, (caption) => join(reader.read(caption)), pause)
  return { vocabulary, ...pack(texts, (number) => (number < vocabulary.length ? number : -1)) }
}

/** How many tokens of each word a corpus has, [V]. */
export function tokenCounts({ vocabulary, words }: Pick<Corpus, 'vocabulary' | 'words'>): Uint32Array {
  const counts = new Uint32Array(vocabulary.length)
  for (const word of words) {
    counts[word]! += 1
  }
  return counts
}

async function readTexts(
  documents: readonly { captions: string[] }[],
  read: (caption: string) => readonly number[],
  pause: Pacer,
): Promise<Texts> {
  const texts: (readonly number[])[][] = []
  for (const { captions } of documents) {
    if (pause.due()) {
      await pause()
    }
    texts.push(captions.map((caption) => read(caption)))
  }
  return texts
}

/** In how many documents each of `size` words occurs. */
function documentFrequencies(texts: Texts, size: number): Uint32Array {
  const frequency = new Uint32Array(size)
  const lastDocument = new Int32Array(size).fill(-1)
  texts.forEach((captions, d) => {
    for (const caption of captions) {
      for (const word of caption) {
        if (lastDocument[word] === d) {
          continue
        }
        lastDocument[word] = d
        frequency[word]! += 1
      }
    }
  })
  return frequency
}

/**
 * The words that topics are found in, in the order of the reader's numbers, and the place of each of these
 * numbers among them, or -1. Throws BAD_INPUT when there are none.
 */
function chooseVocabulary(
  { words, stops }: WordReader,
  frequency: Uint32Array,
  texts: Texts,
  rule: VocabularyRule,
): { vocabulary: string[]; placeOf: Int32Array } {
  const captioned = texts.filter((captions) => captions.some((caption) => caption.length > 0)).length
  const maxFrequency = rule.maxDocumentShare * captioned
  const placeOf = new Int32Array(words.length).fill(-1)
  const vocabulary: string[] = []
  words.forEach((word, number) => {
    const documents = frequency[number]!
    if (documents < rule.minDocumentFrequency || documents > maxFrequency || stops[number]) {
      return
    }
    placeOf[number] = vocabulary.push(word) - 1
  })
  if (vocabulary.length === 0) {
    throw failures.noVocabulary({
      words: words.length,
      clips: captioned,
      fewest: rule.minDocumentFrequency,
      most: Math.floor(maxFrequency),
    })
  }
  return { vocabulary, placeOf }
}

/** Texts as compressed rows; `place` of a number is its new one, or -1 to leave it out. */
function pack(texts: Texts, place: (number: number) => number): Pick<Corpus, 'words' | 'starts'> {
  let tokens = 0
  for (const captions of texts) {
    for (const caption of captions) {
      for (const number of caption) {
        if (place(number) >= 0) {
          tokens += 1
        }
      }
    }
  }
  const words = new Uint32Array(tokens)
  const starts = new Uint32Array(texts.length + 1)
  let next = 0
  texts.forEach((captions, d) => {
    for (const caption of captions) {
      for (const number of caption) {
        if (place(number) >= 0) {
          words[next++] = place(number)
        }
      }
    }
    starts[d + 1] = next
  })
  return { words, starts }
}
