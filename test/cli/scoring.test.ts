/**
 * `vitrine score` and `vitrine compare` on files, as people run them (`npm test` builds the program first).
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

const FILES = {
  'references.txt': "a\ta dog runs fast\na\tthe dog runs\nb\ta cat sits\nc\tIt's a T-shirt.\n",
  'good.txt': 'a\ta dog runs\nb\ta cat sits\nc\tit is a shirt\n',
  'poor.json': '{"a": "a dog", "b": ["two cats"], "c": "someone"}',
  'twice.txt': 'a\ta dog\nb\tone\n\nb\ttwo\nc\tthree\n',
  'stranger.txt': 'a\ta dog\nz\ta cat\n',
  'few.txt': 'b\ta cat sits\n',
}
const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'CIDEr', 'METEOR']
let program: Program
const vitrine: Program['vitrine'] = (...args) => program.vitrine(...args)

beforeAll(async () => {
  program = await createProgram()
  for (const [name, text] of Object.entries(FILES)) {
    await writeFile(join(program.folder, name), text)
  }
})

test('score: intervals on request, and the tokens that are asked for', async () => {
  const files = ['score', '--hypotheses', 'good.txt', '--references', 'references.txt', '--json']
  const json = async (...more: string[]) =>
    JSON.parse((await vitrine(...files, ...more)).out) as {
      metrics: Record<string, number>
      intervals: Record<string, { low: number; high: number }> | null
      captions: { id: string; metrics: object }[]
    }
  const plain = await json()
  expect(Object.keys(plain)).toEqual(['metrics', 'intervals', 'captions', 'notices'])
  expect([Object.keys(plain.metrics), plain.intervals, plain.captions.map(({ id }) => id)]).toEqual([
    METRICS,
    null,
    ['a', 'b', 'c'],
  ])
  const withIntervals = await json('--bootstrap', '200', '--seed', '7')
  expect([withIntervals.metrics, Object.keys(withIntervals.intervals!)]).toEqual([plain.metrics, METRICS])
  expect((await json('--tokenizer', 'ptb')).metrics['BLEU_1']).not.toBe(plain.metrics['BLEU_1'])

  const { out } = await vitrine(...files.slice(0, -1), '--bootstrap', '200')
  expect(out.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
    '3 captions',
    expect.stringMatching(/^-+$/),
    'all',
    '95% from',
    'to',
    '',
  ])
})

test('compare: two systems on the same ids', async () => {
  const files = [
    'compare',
    '--a',
    'poor.json',
    '--b',
    'good.txt',
    '--references',
    'references.txt',
    '--samples',
    '500',
  ]
  const result = JSON.parse((await vitrine(...files, '--json')).out) as {
    metrics: { metric: string; difference: number }[]
  }
  expect(result).toMatchObject({ a: 'poor.json', b: 'good.txt', captions: 3 })
  expect(result.metrics.map(({ metric }) => metric)).toEqual(METRICS)
  expect(Object.keys(result.metrics[0]!)).toEqual(['metric', 'a', 'b', 'difference', 'low', 'high', 'p'])
  // Captions of three words have no n-grams of four.
  for (const { metric, difference } of result.metrics.filter((row) => !/BLEU_[34]/.test(row.metric))) {
    expect(difference, metric).toBeGreaterThan(0)
  }
  expect((await vitrine(...files)).out).toMatch(
    /^3 captions +poor\.json +good\.txt +difference +95% from +to +p\n/,
  )
})

test.each([
  [
    ['score', '--hypotheses', 'twice.txt', '--references', 'references.txt'],
    1,
    'twice.txt line 4: b has more than one caption to score.',
  ],
  [
    ['score', '--hypotheses', 'stranger.txt', '--references', 'references.txt'],
    1,
    'stranger.txt line 2: references.txt has no reference for z.',
  ],
  [
    ['compare', '--a', 'good.txt', '--b', 'few.txt', '--references', 'references.txt'],
    1,
    'few.txt: 2 ids of references.txt without a caption, a for one.',
  ],
  [['score', '--hypotheses', 'good.txt', '--references', 'nowhere.txt'], 1, 'nowhere.txt'],
  [
    ['score', '--hypotheses', 'good.txt', '--references', 'references.txt', '--tokenizer', 'coco'],
    2,
    '--tokenizer is one of words, ptb, whitespace, not "coco"',
  ],
  [
    ['score', '--hypotheses', 'good.txt', '--references', 'references.txt', '--bootstrap', '10'],
    2,
    '--bootstrap takes 100 to 100000, not 10',
  ],
  [['compare', '--a', 'good.txt', '--references', 'references.txt'], 2, '--b is missing'],
  [['compare', '--a', 'good.txt', '--models', '1,2'], 2, '--models needs PROJECT'],
  [['compare', 'p.vitrine', '--models', '1,2', '--a', 'good.txt'], 2, '--a compares files, without PROJECT'],
  [['compare', 'p.vitrine', '--models', '1'], 2, '--models takes two ids such as 1,2, not "1"'],
  [['compare', 'p.vitrine', '--models', '1,2'], 1, 'p.vitrine does not exist'],
])('%j ends with %i', async (args, code, message) => {
  const ran = await vitrine(...args)
  expect([ran.code, ran.err.trim().split('\n')]).toEqual([code, [expect.stringContaining(message)]])
})
