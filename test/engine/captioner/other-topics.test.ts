/** A trained captioner is carried over to topics that people have edited. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import { CancelledError } from '../../../src-main/common/failures.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { mergedColumn } from '../../../src-main/engine/captioner/merged-column.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { listening, trainedCaptioner } from './tiny.ts'

const {
  'captioner.caption': caption,
  'captioner.remap': remap,
  'captioner.refine': refine,
} = captionerHandlers

let folder: string
let clips: CaptionedClip[]
let modelDir: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-topics-'))
  ;({ clips, modelDir } = await trainedCaptioner(folder))
})
afterAll(() => rm(folder, { recursive: true }))
const captions = async (dir: string) =>
  (await caption({ modelDir: dir, clips, decoding: decoding.parse({ beam: 3 }), device: 'cpu' }, listening()))
    .captions

describe('a remapped head', () => {
  it.each(['squared', 'cross-entropy'] as const)(
    'says of a merged topic what the old columns said together, and the rest as before (%s loss)',
    async (topicLoss) => {
      const captioner =
        topicLoss === 'squared'
          ? { clips, modelDir }
          : await trainedCaptioner(join(folder, topicLoss), { topicLoss })
      const to = join(folder, `merged ${topicLoss}`)
      await remap(
        { modelDir: captioner.modelDir, to, groups: [[3], [0, 2]], clips: captioner.clips, device: 'cpu' },
        listening(),
      )
      const [before, after] = [await captions(captioner.modelDir), await captions(to)]
      const probability = (score: number) =>
        topicLoss === 'squared' ? Math.min(Math.max(score, 0), 1) : 1 / (1 + Math.exp(-score))
      after.forEach(({ caption: text, topics, logProbability }, i) => {
        const old = before[i]!
        expect([text, logProbability]).toEqual([old.caption, old.logProbability])
        expect(topics).toHaveLength(2)
        expect(topics[0]).toBeCloseTo(old.topics[3]!, 5)
        expect(
          Math.abs(
            probability(topics[1]!) -
              (1 - (1 - probability(old.topics[0]!)) * (1 - probability(old.topics[2]!))),
          ),
        ).toBeLessThan(0.05)
      })
    },
  )

  it('is fitted as the normal equations say', () => {
    const random = createRandom(1)
    const vector = (size: number) => Float64Array.from({ length: size }, () => random.normal())
    const hidden = Array.from({ length: 30 }, () => vector(4))
    const columns = [vector(4).map((value) => 0.3 * value), vector(4).map((value) => 0.3 * value)]
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    const clamp = (score: number) => Math.min(Math.max(score, 0), 1)
    const found = mergedColumn(columns, hidden, 'squared')
    // The gradient of the objective at its minimum is zero.
    const start = columns[0]!.map((value, i) => value + columns[1]![i]!)
    const ridge = (1e-3 * hidden.reduce((sum, h) => sum + dot(h, h), 0)) / 4
    for (let i = 0; i < 4; i++) {
      const gradient = hidden.reduce(
        (sum, h) => {
          const target = 1 - columns.reduce((none, column) => none * (1 - clamp(dot(h, column))), 1)
          return sum + (dot(h, found) - target) * h[i]!
        },
        ridge * (found[i]! - start[i]!),
      )
      expect(Math.abs(gradient)).toBeLessThan(1e-6)
    }
  })
})

describe('a refined captioner', () => {
  /**
   * Topics as they are after an edit: two sentences merged, one topic kept, one new; the first starts from a
   * column that says otherwise.
   */
  const edited = () =>
    clips.map((clip) => ({ ...clip, topics: [clip.id % 4 < 2 ? 0 : 1, ...(clip.id % 4 === 3 ? [2] : [])] }))
  const params = (to: string) => ({
    modelDir,
    to,
    columns: [2, null, 3],
    train: edited(),
    validation: edited(),
    epochs: 12,
    seed: 1,
    device: 'cpu',
  })

  it('knows the new topics, keeps its captions and its decoder, and comes out the same again', async () => {
    const [to, twin] = [join(folder, 'refined'), join(folder, 'twin')]
    const result = await refine(params(to), listening())
    expect(result.topicMapAfter).toBeCloseTo(1, 2)
    expect(result.topicMapBefore).toBeLessThan(result.topicMapAfter)
    expect(result.ciderAfter).toBeGreaterThan(0.95 * result.ciderBefore)
    expect((await captions(to)).map(({ caption: text }) => text)).toEqual(
      (await captions(modelDir)).map(({ caption: text }) => text),
    )
    const [old, refined] = [await loadModel(modelDir), await loadModel(to)]
    expect(refined.architecture.topics).toBe(3)
    expect(refined.parameters.get('decoder.word')).toEqual(old.parameters.get('decoder.word'))
    expect(refined.parameters.get('encoder.forward.input')).not.toEqual(
      old.parameters.get('encoder.forward.input'),
    )
    await refine(params(twin), listening())
    for (const file of ['model.json', 'parameters.safetensors']) {
      expect(Buffer.compare(await readFile(join(twin, file)), await readFile(join(to, file))), file).toBe(0)
    }
  })

  it('is not there when it was cancelled', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(refine(params(join(folder, 'cancelled')), listening(controller.signal))).rejects.toThrow(
      CancelledError,
    )
    await expect(loadModel(join(folder, 'cancelled'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
