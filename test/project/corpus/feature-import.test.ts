/** Features of other programs, from files to a model that was trained on them, and sets that are joined of several. */
import { readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { FeatureImportReport, FeatureImportRequest } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { npyFloats, npyOf, npzOf } from '../../formats/features/files.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const THINGS = ['dog', 'cat'] as const
const CLIPS = 12

let bench: Workbench
let folder: string
/** A project of clips without videos: each even one is of a dog, each odd one of a cat. */
beforeEach(async () => {
  bench = await createWorkbench()
  folder = bench.folder
  await bench.client.project.create({ path: join(folder, 'p.vitrine') })
  const captions = join(folder, 'captions.tsv')
  const split = join(folder, 'split.tsv')
  const clips = Array.from({ length: CLIPS }, (_, i) => i)
  await writeFile(
    captions,
    clips
      .flatMap((i) => ['runs', 'sleeps'].map((verb) => `clip${i}\ta ${THINGS[i % 2]!} ${verb} here\n`))
      .join(''),
  )
  await writeFile(split, clips.map((i) => `clip${i}\t${i < 8 ? 'train' : 'val'}\n`).join(''))
  await bench.finished(await bench.client.corpus.import({ captions, split }))
  return bench.close
})

const random = createRandom(5)
/** Frames of a clip, which tell its thing. */
const framesOf = (clip: number, frames: number, size: number) =>
  Float32Array.from({ length: frames * size }, () => (clip % 2) + random.normal() / 10)

/** A folder of an array for each of some clips. */
async function arrays(name: string, { frames = 3, size = 4, clips = CLIPS } = {}): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  for (let clip = 0; clip < clips; clip++) {
    await writeFile(
      join(path, `clip${clip}.npy`),
      npyFloats([frames, size], [...framesOf(clip, frames, size)]),
    )
  }
  return path
}

async function reportOf(started: { jobId: number }): Promise<FeatureImportReport> {
  const { result } = await bench.finished(started)
  switch (result?.kind) {
    case 'featureImport':
    case 'featurePreview':
      return result.report
    default:
      throw new Error('no report')
  }
}
const imported = async (request: FeatureImportRequest) =>
  reportOf(await bench.client.corpus.importFeatures(request))
const preview = async (request: FeatureImportRequest) =>
  reportOf(await bench.client.corpus.previewFeatureImport(request))
const sets = async () => (await bench.client.corpus.featureSets()).sets
const clipNamed = async (name: string) => {
  const { clipId } = await bench.client.corpus.find({ clip: name })
  return bench.client.corpus.clip({ clipId })
}
/** What lies in the project's folder of features. */
const filesOfFeatures = (): string[] => {
  try {
    return readdirSync(join(folder, 'p.vitrine', 'features'), { recursive: true }).map(String)
  } catch {
    return []
  }
}

describe('features of other programs', () => {
  it(
    'are previewed, taken over, trained on and reviewed without any video',
    { timeout: 120_000 },
    async () => {
      const path = await arrays('vgg')
      await writeFile(join(path, 'clip99.npy'), npyFloats([1, 4], [0, 0, 0, 0]))
      const expected = {
        title: 'vgg',
        isKnown: false,
        added: CLIPS,
        kept: 0,
        frames: { least: 3, most: 3 },
        dimension: 4,
        withTimes: 0,
        unmatched: 1,
        without: 0,
        details: [{ title: 'Called as no clip', total: 1, lines: ['clip99'] }],
      }
      expect(await preview({ path })).toMatchObject(expected)
      expect([await sets(), filesOfFeatures()]).toEqual([[], []])
      expect(await imported({ path })).toMatchObject(expected)
      expect(await sets()).toMatchObject([
        { title: 'vgg', current: true, clips: CLIPS, frames: 3, dimension: 4, origin: { kind: 'imported' } },
      ])
      expect(await clipNamed('clip3')).toMatchObject({ frames: 3, frameTimes: [], filmstripUrl: null })

      await bench.finished(await bench.client.topics.extract({ k: 2, iterations: 20 }))
      await bench.finished(
        await bench.client.training.train({ settings: { ...TINY, epochs: 2 }, device: 'cpu' }),
      )
      const [model] = await bench.client.training.models()
      await bench.finished(await bench.client.review.generate({ modelId: model!.id, split: 'val' }))
      await bench.finished(await bench.client.neurons.interpret({ modelId: model!.id }))
      const clip = await clipNamed('clip9')
      const at = { modelId: model!.id, clipId: clip.id }
      const review = await bench.client.review.clip(at)
      expect(review.words.map(({ attention }) => attention.length)).toEqual(review.words.map(() => 3))
      expect((await bench.client.review.strip(at)).times).toEqual([])
      const { clips } = await bench.client.neurons.neuron({ modelId: model!.id, neuron: 0 })
      expect(clips[0]).toMatchObject({
        activation: [expect.anything(), expect.anything(), expect.anything()],
        peakSecond: null,
      })

      const classes = join(folder, 'classes.tsv')
      await writeFile(
        classes,
        Array.from({ length: CLIPS }, (_, i) => `clip${i}\t${THINGS[i % 2]!}\n`).join(''),
      )
      await bench.finished(await bench.client.actions.transfer({ clips: classes, folds: 2 }))
      const [result] = await bench.client.actions.results()
      expect(result).toMatchObject({
        clips: CLIPS,
        classes: ['cat', 'dog'],
        sources: expect.arrayContaining([
          expect.objectContaining({
            of: 'frames',
            accuracy: expect.objectContaining({ value: 1 }) as unknown,
          }),
        ]) as unknown,
      })
      expect(result!.sources.some(({ kind }) => kind === 'baseline')).toBe(false)
    },
  )

  it('of many clips are stored slice by slice, and a cancel in between leaves none', async () => {
    const clips = 900
    const captions = join(folder, 'many.tsv')
    await writeFile(captions, Array.from({ length: clips }, (_, i) => `many${i}\ta cat\n`).join(''))
    await bench.finished(await bench.client.corpus.import({ captions }))
    const path = join(folder, 'all.npy')
    await writeFile(
      path,
      npyFloats(
        [clips, 2],
        Array.from({ length: 2 * clips }, (_, i) => i),
      ),
    )
    await writeFile(join(folder, 'all.txt'), Array.from({ length: clips }, (_, i) => `many${i}\n`).join(''))
    const { store } = bench.app.project()
    const isStored = vi.spyOn(store.features, 'put')
    const transaction = store.transaction
    const slices: number[] = []
    let job = 0
    const counted = <Result>(work: () => Result): Result => {
      const before = isStored.mock.calls.length
      const result = transaction(work)
      const stored = isStored.mock.calls.length - before
      if (stored > 0 && slices.push(stored) === 1) {
        void bench.client.jobs.cancel({ jobId: job })
      }
      return result
    }
    const spy = vi.spyOn(store, 'transaction').mockImplementation(counted)
    ;({ jobId: job } = await bench.client.corpus.importFeatures({ path }))
    const ended = await bench.client.jobs.finished({ jobId: job })
    expect(ended, JSON.stringify(ended)).toMatchObject({ state: 'cancelled' })
    spy.mockRestore()
    expect(Math.max(...slices)).toBeLessThan(clips / 2)
    expect(store.features.keys()).toEqual([])
    expect(filesOfFeatures()).toEqual([])
  })

  it('come to a set of the same title, which keeps what it has', async () => {
    await imported({ path: await arrays('part', { clips: 5 }), title: 'VGG' })
    const more = await arrays('more', { frames: 7 })
    expect(await imported({ path: more, title: 'VGG' })).toMatchObject({
      isKnown: true,
      added: CLIPS - 5,
      kept: 5,
      // Models that were trained on the set take no more frames of a clip.
      frames: { least: 3, most: 3 },
    })
    expect(await sets()).toMatchObject([{ clips: CLIPS, frames: 3 }])
    const other = await arrays('other', { size: 5 })
    expect(await bench.failure(await bench.client.corpus.importFeatures({ path: other, title: 'VGG' }))).toBe(
      `${other} has 5 values a frame, and the features called VGG have 4.`,
    )
  })

  it('leave nothing when one of them is refused, and say which', async () => {
    const path = await arrays('bad')
    await writeFile(join(path, 'clip7.npy'), npyFloats([1, 4], [0, 0, NaN, 0]))
    expect(await bench.failure(await bench.client.corpus.importFeatures({ path }))).toBe(
      `${join(path, 'clip7.npy')}: an array holds NaN in frame 1.`,
    )
    expect([await sets(), filesOfFeatures()]).toEqual([[], []])
    const twice = join(folder, 'twice.npz')
    await writeFile(twice, npzOf({ clip1: npyFloats([1, 1], [1]), 'b/clip1.mp4': npyFloats([1, 1], [1]) }))
    expect(await bench.failure(await bench.client.corpus.importFeatures({ path: twice }))).toBe(
      `clip1 has features twice: "clip1" in ${twice} and "b/clip1.mp4" in ${twice}.`,
    )
    const strange = join(folder, 'strange.npz')
    await writeFile(strange, npzOf({ one: npyFloats([1, 1], [1]), two: npyFloats([1, 1], [1]) }))
    expect(await bench.failure(await bench.client.corpus.previewFeatureImport({ path: strange }))).toMatch(
      /^Nothing in .* is called as a clip of this project: it holds one, two, the project clip0, clip1, clip2 and/,
    )
  })

  it('find their clips by other names of these, and keep their times', async () => {
    const path = join(folder, 'names.npz')
    const times = npyOf('<f8', [2], new Uint8Array(Float64Array.of(0.5, 2).buffer))
    await writeFile(
      path,
      npzOf({
        'abc_1_2/c3d': npyFloats([2, 1], [1, 2]),
        'clip2/c3d': npyFloats([1, 1], [3]),
        'abc_1_2/times': times,
      }),
    )
    const names = join(folder, 'mapping.txt')
    await writeFile(names, 'abc_1_2 clip1\n')
    expect(await imported({ path, names })).toMatchObject({ added: 2, withTimes: 1 })
    expect(await clipNamed('clip1')).toMatchObject({ frames: 2, frameTimes: [0.5, 2] })
    expect(await clipNamed('clip2')).toMatchObject({ frames: 1, frameTimes: [] })
  })
})

describe('joined sets', () => {
  it('hold what their parts hold side by side, and train', { timeout: 120_000 }, async () => {
    await imported({ path: await arrays('one', { frames: 2 }) })
    await imported({ path: await arrays('two', { frames: 5, size: 3, clips: 10 }) })
    const [two, one] = await sets()
    const { key, clips, notices } = await bench.client.corpus.concatenateFeatures({
      keys: [one!.key, two!.key],
    })
    expect([clips, notices]).toEqual([
      10,
      [
        '2 clips have features of some of them only, and are left out.',
        'They saw different frames: the set with most of a clip gives its frames, and each other the nearest that it has.',
      ],
    ])
    expect((await sets())[0]).toMatchObject({
      key,
      title: 'one + two',
      current: true,
      clips: 10,
      frames: 5,
      dimension: 7,
      bytes: 0,
    })
    await bench.finished(await bench.client.topics.extract({ k: 2, iterations: 20 }))
    await bench.finished(
      await bench.client.training.train({ settings: { ...TINY, epochs: 1 }, device: 'cpu' }),
    )
    const [model] = await bench.client.training.models()
    expect(bench.app.project().store.models.get(model!.id)).toMatchObject({ featureKey: key, frames: 5 })

    // What comes to a part is in the joined set.
    await imported({ path: await arrays('rest', { frames: 5, size: 3 }), title: 'two' })
    expect((await sets()).find((set) => set.key === key)).toMatchObject({ clips: CLIPS })
    await expect(bench.client.corpus.concatenateFeatures({ keys: [key, one!.key] })).rejects.toThrow(
      'The features of one would be joined with themselves.',
    )
  })

  it('keep the files of a part that was removed, until they are removed too', async () => {
    const { client } = bench
    await imported({ path: await arrays('one') })
    await imported({ path: await arrays('two') })
    const [two, one] = await sets()
    const { key } = await client.corpus.concatenateFeatures({ keys: [one!.key, two!.key] })
    const free = () => client.storage.free({ parts: [{ part: 'features', key: one!.key }] })
    await client.corpus.removeFeatures({ key: one!.key })
    await free()
    expect((await sets()).find((set) => set.key === key)).toMatchObject({ clips: CLIPS })
    await client.corpus.removeFeatures({ key })
    await free()
    expect(bench.app.project().store.features.count(one!.key)).toBe(0)
  })
})
