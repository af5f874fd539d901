import { expect, test } from 'vitest'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'

test('a sentence speaks of the topics whose own words it holds; a shared word speaks for the topic it is most typical of', () => {
  const topic = (...words: [string, number][]) => ({ words: words.map(([word, p]) => ({ word, p })) })
  const topicsIn = topicSpotter([
    topic(['dog', 0.5], ['runs', 0.1]),
    topic(['runs', 0.4], ['jumps', 0.3]),
    topic(...Array.from({ length: 11 }, (_, i): [string, number] => [`w${i}`, 0.1 - i / 1000])),
  ])
  expect(topicsIn('The Dog sits.')).toEqual([true, false, false])
  expect(topicsIn('a cat runs')).toEqual([false, true, false])
  expect(topicsIn('w9')).toEqual([false, false, true])
  expect(topicsIn('w10 dogs')).toEqual([false, false, false])
})
