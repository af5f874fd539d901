/** Two models compared on the captions that they have stored, through the contract. */
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { captionerSettings, decoding } from '#contract'
import { createProject } from '../../../src-main/store/index.ts'
import { clip, findTopics } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
const HUMAN = [
  'a red ball moves left',
  'a blue box turns',
  'two green balls roll up',
  'the small box falls down',
  'a ball jumps over a box',
  'one red box stands',
]

/**
 * A project of six test clips and a training clip, and three models: the first captions badly, the second
 * well, the third not at all.
 */
beforeAll(async () => {
  bench = await createWorkbench()
  const project = await createProject(join(bench.folder, 'p.vitrine'))
  const { store } = project
  store.clips.add([
    ...HUMAN.map((caption, i) => clip(`clip ${i}`, [caption, `${caption} slowly`], { split: 'test' })),
    clip('train', ['a ball']),
  ])
  const ids = findTopics({ store }, ['x'], [])
  const says = (model: number, words: (caption: string) => string) => {
    store.generated.put(
      model,
      HUMAN.map((caption, i) => ({
        clipId: store.clips.byName(`clip ${i}`)!.id,
        decoding: decoding.parse({}),
        caption: words(caption),
        logProbability: -1,
        score: null,
        words: [],
        alternatives: [],
        cider: null,
        topics: [0],
      })),
    )
  }
  for (const seed of [1, 2, 3]) {
    const { id } = store.models.add({
      parent: null,
      jobId: null,
      kind: 'interpretive',
      origin: 'trained',
      settings: captionerSettings.parse({}),
      seed,
      topics: ids,
      featureKey: 'k',
      frames: 28,
    })
    if (seed < 3) {
      says(id, (caption) => (seed === 1 ? 'a ball' : caption))
    }
  }
  await project.close()
  await bench.client.project.open({ path: join(bench.folder, 'p.vitrine') })
  return bench.close
})

it('names the better model, clip by clip of the split', async () => {
  const { metrics, ...rest } = await bench.client.training.compare({
    a: 1,
    b: 2,
    split: 'test',
    samples: 1000,
  })
  expect(rest).toEqual({ a: 1, b: 2, split: 'test', clips: 6 })
  expect(metrics.map(({ metric }) => metric)).toEqual([
    'BLEU_1',
    'BLEU_2',
    'BLEU_3',
    'BLEU_4',
    'ROUGE_L',
    'CIDEr',
    'METEOR',
  ])
  for (const { difference, low, p, a, b } of metrics) {
    expect([difference > 0, low > 0, Math.abs(b - a - difference) < 1e-12]).toEqual([true, true, true])
    // Of the 64 ways to exchange, two are as extreme: none and all.
    expect(p).toBeGreaterThan(0.01)
    expect(p).toBeLessThan(0.06)
  }
  expect(await bench.client.training.compare({ a: 1, b: 2, split: 'test', samples: 1000 })).toEqual({
    metrics,
    ...rest,
  })
})

it('says what a model has to do first', async () => {
  await expect(bench.client.training.compare({ a: 1, b: 3, split: 'test' })).rejects.toMatchObject({
    code: 'NOT_READY',
    message: 'Model 3 has not captioned the test split.',
    data: { remedy: 'Caption it first: vitrine caption p.vitrine --model 3 --split test' },
  })
  await expect(bench.client.training.compare({ a: 1, b: 9, split: 'test' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expect(bench.client.training.compare({ a: 1, b: 2 })).rejects.toMatchObject({
    code: 'NOT_READY',
  })
})
