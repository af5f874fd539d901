import { VitrineError } from '#contract'
import type { Pacer } from '../pacer.ts'
import { findPhrases, joiner } from './phrases.ts'
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
  let texts: (readonly number[])[][] = []
  for (const { captions } of documents) {
    if (pause.due()) {
      await pause()
    }
    texts.push(captions.map((caption) => reader.read(caption)))
  }
  const phrases =
    rule.phraseScore === null
      ? []
      : await findPhrases(
          texts,
          reader,
          { threshold: rule.phraseScore, discount: rule.minDocumentFrequency },
          pause,
        )
  const join = joiner(phrases, reader)
  if (phrases.length > 0) {
    texts = texts.map((captions) => captions.map(join))
  }

  const frequency = new Uint32Array(reader.words.length)
  const seenIn = new Int32Array(reader.words.length).fill(-1)
  texts.forEach((captions, d) => {
    for (const caption of captions) {
      for (const word of caption) {
        if (seenIn[word] === d) {
          continue
        }
        seenIn[word] = d
        frequency[word]! += 1
      }
    }
  })
  const captioned = texts.filter((captions) => captions.some((caption) => caption.length > 0)).length
  const most = rule.maxDocumentShare * captioned
  const kept = new Int32Array(reader.words.length).fill(-1)
  const vocabulary: string[] = []
  reader.words.forEach((word, number) => {
    if (frequency[number]! < rule.minDocumentFrequency || frequency[number]! > most || reader.stops[number]) {
      return
    }
    kept[number] = vocabulary.push(word) - 1
  })
  if (vocabulary.length === 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `No word is left to find topics in: of the ${reader.words.length} words of ${captioned} captioned clips, none but stop words ` +
        `occurs in at least ${rule.minDocumentFrequency} and at most ${Math.floor(most)} clips.`,
      'Lower the minimum document frequency or raise the maximum document share.',
    )
  }
  return {
    vocabulary,
    ...pack(texts, (number) => kept[number]!),
    documentFrequency: Uint32Array.from(
      vocabulary,
      (_, word) => frequency[reader.number(vocabulary[word]!)]!,
    ),
    phrases,
    read: (text) => join(reader.read(text)).map((number) => kept[number] ?? -1),
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
  const join = joiner(phrases, reader)
  const texts: (readonly number[])[][] = []
  for (const { captions } of documents) {
    if (pause.due()) {
      await pause()
    }
    texts.push(captions.map((caption) => join(reader.read(caption))))
  }
  return { vocabulary, ...pack(texts, (number) => (number < vocabulary.length ? number : -1)) }
}

/**
 * Documents of captions of numbers as compressed rows; `place` of a number is its new one, or -1 to leave it
 * out.
 */
function pack(
  texts: readonly (readonly (readonly number[])[])[],
  place: (number: number) => number,
): Pick<Corpus, 'words' | 'starts'> {
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
