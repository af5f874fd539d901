import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { createJoiner } from './phrases.ts'
import { WordReader } from './words.ts'

/** Where the words stand in the texts. A phrase is marked as one, from its first word to its last. */
export async function markWords(
  { rule, phrases, words, texts }: EngineParams<'topics.mark'>,
  { signal }: EngineContext,
): Promise<EngineResult<'topics.mark'>> {
  const pause = createPacer(signal)
  const reader = await WordReader.create(rule)
  const wanted = new Set(words.map((word) => reader.number(word)))
  const join = createJoiner(phrases, reader)
  const marks: [number, number][][] = []
  for (const text of texts) {
    if (pause.due()) {
      await pause()
    }
    const placed = reader.place(text)
    const marked: [number, number][] = []
    let i = 0
    for (const word of join(placed.map((token) => token.word))) {
      // What the joiner left as it was is one token; a phrase has two.
      const last = word === placed[i]!.word ? i : i + 1
      if (wanted.has(word)) {
        marked.push([placed[i]!.from, placed[last]!.to])
      }
      i = last + 1
    }
    marks.push(marked)
  }
  return { marks }
}
