import { expect, it } from 'vitest'
import { describeTopics } from '../../../src-main/engine/topics/describe.ts'
import { engineContext } from '../context.ts'

const rule = {
  builtInStopWords: true,
  stopWords: [],
  lemmas: false,
  minDocumentFrequency: 1,
  maxDocumentShare: 1,
  phraseScore: null,
}
const documents = [
  { id: 1, captions: ['a dog barks', 'the dog runs'] },
  { id: 2, captions: ['a dog runs'] },
  { id: 3, captions: ['a cat sleeps', 'the cat runs'] },
  { id: 4, captions: [] },
]

it('describes topics by the words that set their clips apart, with their counts there', async () => {
  const { topics, vocabulary, tokens } = await describeTopics(
    {
      ...rule,
      documents,
      topics: [
        { label: null, clipIds: [1, 2] },
        { label: 'cats', clipIds: [3, 4, 99] },
        { label: null, clipIds: [4] },
      ],
    },
    engineContext(),
  )
  expect(topics[0]?.words.slice(0, 1)).toEqual([{ word: 'dog', count: 3 }])
  expect(topics[0]?.words.map(({ word }) => word)).not.toContain('cat')
  expect(topics.map(({ label }) => label)).toEqual([expect.stringContaining('dog'), 'cats', 'empty'])
  expect(topics[1]?.words.map(({ word, count }) => [word, count])).toEqual([
    ['cat', 2],
    ['sleeps', 1],
  ])
  expect(topics[2]).toMatchObject({ words: [], npmi: null })
  expect(vocabulary.find(({ word }) => word === 'runs')).toEqual({ word: 'runs', tokens: 3, documents: 3 })
  expect(tokens).toBe(vocabulary.reduce((sum, word) => sum + word.tokens, 0))
})

it('says so when no word is left', async () => {
  await expect(
    describeTopics({ ...rule, minDocumentFrequency: 9, documents, topics: [] }, engineContext()),
  ).rejects.toMatchObject({ code: 'BAD_INPUT' })
})
