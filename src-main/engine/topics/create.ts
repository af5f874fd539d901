import { VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import { joiner } from './phrases.ts'
import type { Joiner } from './phrases.ts'
import { tellingWords } from './telling.ts'
import { WordReader } from './words.ts'

/**
 * A topic from words or from clips: see the contract. Tokens are those of the vocabulary and of the words
 * asked for; without a vocabulary, all but stop words. Words come by falling count.
 */
export async function createTopic(
  { documents, rule, phrases, vocabulary, from }: EngineParams<'topics.create'>,
  { signal }: EngineContext,
): Promise<EngineResult<'topics.create'>> {
  const pause = createPacer(signal)
  const reader = await WordReader.create(rule)
  const join = joiner(phrases, reader)
  const kept = new Set(vocabulary.map((word) => reader.number(word)))
  const asked = from.by === 'words' ? wordNumbers(from.words, reader, join) : new Map<number, string>()
  const chosen = new Set(from.by === 'clips' ? from.clipIds : [])
  const counts = new Map<number, { all: number; own: number }>()
  const shares: { id: number; share: number }[] = []
  const found = new Set<number>()
  let [all, own] = [0, 0]
  for (const { id, captions } of documents) {
    if (pause.due()) {
      await pause()
    }
    const mine = chosen.has(id)
    let tokens = 0
    let hits = 0
    for (const caption of captions) {
      for (const word of join(reader.read(caption))) {
        const wanted = asked.has(word)
        if (!wanted && !(vocabulary.length > 0 ? kept.has(word) : !reader.stops[word])) {
          continue
        }
        const count = counts.get(word) ?? { all: 0, own: 0 }
        counts.set(word, count)
        count.all += 1
        tokens += 1
        if (mine) {
          count.own += 1
        }
        if (wanted) {
          hits += 1
        }
      }
    }
    all += tokens
    if (mine && tokens > 0) {
      own += tokens
      found.add(id)
      shares.push({ id, share: 1 })
    }
    if (hits > 0) {
      shares.push({ id, share: hits / tokens })
    }
  }

  let words: { number: number; count: number }[]
  if (from.by === 'words') {
    const missing = [...asked].filter(([number]) => !counts.has(number)).map(([, word]) => `"${word}"`)
    if (missing.length > 0) {
      throw new VitrineError(
        'BAD_INPUT',
        `No caption has the ${missing.length === 1 ? 'word' : 'words'} ${missing.join(', ')}.`,
        'Check the spelling, or leave them out.',
      )
    }
    words = [...asked.keys()].map((number) => ({ number, count: counts.get(number)!.all }))
  } else {
    const empty = [...chosen].filter((id) => !found.has(id))
    if (empty.length > 0) {
      throw new VitrineError(
        'BAD_INPUT',
        `${empty.length} of the ${chosen.size} clips ${empty.length === 1 ? 'has' : 'have'} no caption with words to make a topic of (clip ${empty.slice(0, 5).join(', ')}).`,
        'Leave them out, or caption them first.',
      )
    }
    words = tellingWords(
      [...counts].map(([word, n]) => ({ word, ...n })),
      own,
      all,
    ).map(({ word, count }) => ({ number: word, count }))
  }
  words.sort((a, b) => b.count - a.count || a.number - b.number)
  const total = words.reduce((sum, { count }) => sum + count, 0)
  const [label] = proposeLabels([
    words.map(({ number, count }) => ({
      word: reader.words[number]!,
      p: count / total,
      corpusP: counts.get(number)!.all / all,
    })),
  ])
  return {
    label: label!,
    words: words.map(({ number, count }) => ({ word: reader.words[number]!, count })),
    shares,
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
      throw new VitrineError(
        'BAD_INPUT',
        `"${word}" is not one word of the captions, nor a phrase that topics know.`,
        'Give its words one by one.',
      )
    }
    numbers.set(read[0]!, word)
  }
  return numbers
}
