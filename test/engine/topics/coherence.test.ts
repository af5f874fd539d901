import { describe, expect, it } from 'vitest'
import { createPacer } from '../../../src-main/engine/pacer.ts'
import { coherence } from '../../../src-main/engine/topics/coherence.ts'
import { windowCoherence } from '../../../src-main/engine/topics/window-coherence.ts'

const pause = createPacer(new AbortController().signal)

/** Texts as a corpus, and topics as numbers in it. */
function numbered(texts: readonly string[], topics: readonly string[]) {
  const documents = texts.map((text) => text.split(' '))
  const vocabulary = [...new Set(documents.flat())]
  const starts = new Uint32Array(texts.length + 1)
  documents.forEach((words, d) => (starts[d + 1] = starts[d]! + words.length))
  const numbers = (words: readonly string[]) => words.map((word) => vocabulary.indexOf(word))
  return {
    corpus: { words: Uint32Array.from(numbers(documents.flat())), starts },
    topics: topics.map((topic) => numbers(topic.split(' '))),
  }
}

describe('coherence', () => {
  it('is the mean NPMI over pairs of words', () => {
    const { corpus, topics } = numbered(['sun sea', 'sun sea', 'sun', 'moon'], ['sun sea', 'sun moon', 'sea'])
    // p(sun) = 3/4, p(sea) = 1/2, both 1/2: ln(4/3) / ln 2. Sun and moon never meet: -1.
    const [pair, strangers, alone] = coherence(corpus, topics)
    expect(pair).toBeCloseTo(Math.log(4 / 3) / Math.log(2), 12)
    expect(strangers).toBe(-1)
    expect(alone).toBeNull()
  })
})

const TEXTS = [
  'sun boat sun sand',
  'sun bark tail dog dog dog boat',
  'onion onion onion knife pan onion onion onion cook pan pan knife cook',
  'boat sand boat sea boat sea boat sand sand',
  'tail sea',
  'pan knife knife cook cook dog onion onion knife pan knife cook knife dog pan knife',
  'sun',
  'puppy bark knife tail tail dog tail tail puppy bark sea',
  'dog pan knife knife pan pan',
]
const TOPICS = ['sun sea sand boat', 'dog tail bark puppy', 'sun dog onion', 'knife pan tail']

describe('windowCoherence', () => {
  it('is C_V as gensim 4.2 has it', async () => {
    const { corpus, topics } = numbered(TEXTS, TOPICS)
    // CoherenceModel(topics, texts, dictionary, coherence='c_v').get_coherence_per_topic()
    const expected = [0.5929600015049521, 0.934127224016719, 0.3143618140780002, 0.4356318937294225]
    const found = await windowCoherence(corpus, [...topics, [0]], pause)
    expect(found).toEqual([...expected.map((value) => expect.closeTo(value, 12) as number), null])
  })

  it('counts every window of a document longer than one', async () => {
    const window = 5
    const { corpus, topics } = numbered(TEXTS, TOPICS)
    const windows = TEXTS.flatMap((text) => {
      const words = text.split(' ')
      return Array.from({ length: Math.max(1, words.length - window + 1) }, (_, i) =>
        words.slice(i, i + window).join(' '),
      )
    })
    const inWindows = numbered(windows, TOPICS)
    expect(await windowCoherence(corpus, topics, pause, window)).toEqual(
      await windowCoherence(inWindows.corpus, inWindows.topics, pause),
    )
  })
})
