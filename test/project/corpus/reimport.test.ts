/** Imports into a project that has clips: they only add. */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ImportReport, ImportRequest } from '#contract'
import { foundBy } from '../../store/folder.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let sample: string
let run = 0
/** A folder of this test's own. */
let here: string

beforeAll(async () => {
  bench = await createWorkbench()
  ;({ sample } = await bench.openPrepared('imported'))
  return bench.close
})

beforeEach(async () => {
  here = join(bench.folder, `test${++run}`)
  await mkdir(join(here, 'clips'), { recursive: true })
  await bench.client.project.create({ path: join(here, 'a.vitrine') })
})

/** Puts the video of a sample clip at a path of this test's folder. */
async function video(clip: number, path: string): Promise<void> {
  await mkdir(join(here, path, '..'), { recursive: true })
  await copyFile(join(sample, 'clips', `clip000${clip}.mp4`), join(here, path))
}

async function lines(text: string, name = 'captions.tsv'): Promise<string> {
  await writeFile(join(here, name), text)
  return join(here, name)
}

async function report(started: { jobId: number }): Promise<ImportReport> {
  const { result } = await bench.finished(started)
  return result?.kind === 'import' || result?.kind === 'preview' ? result.report! : never()
}
const never = (): never => {
  throw new Error('no report')
}
const imported = async (request: ImportRequest) => report(await bench.client.corpus.import(request))
const preview = async (request: ImportRequest) => report(await bench.client.corpus.previewImport(request))

/** All clips as people see them, by name. */
async function corpus(): Promise<Record<string, { split: string; hasVideo: boolean; captions: string[] }>> {
  const { rows } = await bench.client.corpus.clips({ limit: 500 })
  const clips = await Promise.all(rows.map(({ id }) => bench.client.corpus.clip({ clipId: id })))
  return Object.fromEntries(
    clips.map(({ name, split, videoUrl, captions }) => [
      name,
      { split, hasVideo: videoUrl !== null, captions: captions.map(({ text }) => text).sort() },
    ]),
  )
}
const store = () => bench.app.project().store
const clipNamed = (name: string) => store().clips.byName(name)!
const undo = () => bench.client.project.undo()
const redo = () => bench.client.project.redo()

/** Gives the caption of a clip another text, or with null removes it, as people do. */
function decide(clip: string, text: string, to: string | null): void {
  const caption = store()
    .captions.ofClip(clipNamed(clip).id)
    .find((other) => other.text === text)!
  const { find } = store().captions
  store().edits.make('decide', {
    kind: 'caption',
    captionId: caption.id,
    value: to === null ? null : { ...find(caption.id)!, text: to },
  })
}

const TWO = 'a\ta bird flies\na\ta hen\nb\ta cat sits\nb\tthe dog\n'

describe('a second import', () => {
  test('adds what is new and touches nothing else: captions that people edited, removed or typed, splits, videos', async () => {
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/b.mp4')
    const videos = join(here, 'clips')
    const split = await lines('a\ttest\nb\tval\n', 'split.tsv')
    await imported({ videos, captions: await lines(TWO), split })
    decide('a', 'a bird flies', 'a bird flies high')
    decide('b', 'the dog', null)
    await bench.client.corpus.addCaption({ clipId: clipNamed('b').id, text: 'typed by hand' })
    const before = await corpus()

    const again = await imported({ videos, captions: await lines(`${TWO}a\ta cock\n`) })
    expect(again).toMatchObject({
      added: 0,
      known: 2,
      captionsAdded: 1,
      captionsEdited: 1,
      captionsRemoved: 1,
    })
    expect(again.sentence).toBe(
      '0 clips new, 2 known, 1 caption added, 0 removed, 1 edited caption kept, 1 removed caption stays removed',
    )
    expect(await corpus()).toEqual({
      ...before,
      a: { ...before['a'], captions: ['a bird flies high', 'a cock', 'a hen'] },
    })
    // One line of another file takes nothing away, the videos neither.
    await imported({ captions: await lines('b\tone more\n', 'more.tsv') })
    expect((await corpus())['b']).toEqual({
      split: 'val',
      hasVideo: true,
      captions: ['a cat sits', 'one more', 'typed by hand'],
    })
  })

  test('of captions first and videos later, in either order, comes to the same', async () => {
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/sub/b.mp4')
    const videos = join(here, 'clips')
    const captions = await lines('a.mp4\ta bird\na\ta hen\nsub/b.mp4\ta cat\n')
    await imported({ captions })
    expect(Object.keys(await corpus())).toEqual(['a', 'sub/b'])
    expect(await imported({ videos, captions })).toMatchObject({ added: 0, known: 2, captionsAdded: 0 })
    const captionsFirst = await corpus()
    await bench.client.project.create({ path: join(here, 'other.vitrine') })
    await imported({ videos })
    expect(await imported({ captions })).toMatchObject({ added: 0, captionsAdded: 3 })
    const videosFirst = await corpus()
    const captionsOf = (clips: typeof captionsFirst) =>
      Object.entries(clips).map(([name, { hasVideo, captions: texts }]) => [name, hasVideo, texts])
    expect(captionsOf(captionsFirst)).toEqual(captionsOf(videosFirst))
    expect(captionsFirst['a']).toMatchObject({ hasVideo: true, captions: ['a bird', 'a hen'] })
  })

  test('finds moved and renamed videos again, keeps a clip whose video was encoded anew, and tells files of one name apart', async () => {
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/b.mp4')
    await video(3, 'clips/c.mp4')
    await imported({ videos: join(here, 'clips'), captions: await lines('a\tone\nb\ttwo\nc\tthree\n') })
    const ids = ['a', 'b', 'c'].map((name) => clipNamed(name).id)
    // a is renamed, b is moved with its folder, c has another content, and another c stands beside.
    await mkdir(join(here, 'elsewhere'))
    await rename(join(here, 'clips', 'a.mp4'), join(here, 'clips', 'renamed.mp4'))
    await rename(join(here, 'clips', 'b.mp4'), join(here, 'elsewhere', 'b.mp4'))
    await video(4, 'clips/c.mp4')
    await video(5, 'elsewhere/c.mp4')
    const clips = await imported({ videos: join(here, 'clips') })
    expect(clips).toMatchObject({ added: 0, known: 2, moved: 1, changed: 1 })
    const other = await imported({
      videos: join(here, 'elsewhere'),
      captions: await lines('b\ttwo\nc\tof another\n', 'other.tsv'),
    })
    expect(other).toMatchObject({ added: 1, known: 1, moved: 1, changed: 0, captionsAdded: 1 })
    expect(
      store()
        .clips.all()
        .map(({ name, path }) => [name, path]),
    ).toEqual([
      ['a', '../clips/renamed.mp4'],
      ['b', '../elsewhere/b.mp4'],
      ['c', '../clips/c.mp4'],
      ['elsewhere/c', '../elsewhere/c.mp4'],
    ])
    expect(['a', 'b', 'c'].map((name) => clipNamed(name).id)).toEqual(ids)
    expect((await corpus())['elsewhere/c']?.captions).toEqual(['of another'])
  })

  test('of a copy that lies elsewhere leaves the clip where it is', async () => {
    await video(1, 'clips/a.mp4')
    await imported({ videos: join(here, 'clips') })
    await video(1, 'copies/a copy.mp4')
    expect(
      await imported({ videos: join(here, 'copies'), captions: await lines('a copy\tone\n') }),
    ).toMatchObject({ added: 0, known: 1, moved: 0, captionsAdded: 1 })
    expect(clipNamed('a').path).toBe('../clips/a.mp4')
  })

  test('splits new clips alone; a split file that says otherwise is told, and followed when asked for', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `clip${i}`)
    const captions = await lines(names.map((name) => `${name}\ta caption\n`).join(''))
    await imported({ captions, split: [0.5, 0.25, 0.25] })
    const before = await corpus()
    await imported({ captions: await lines('new0\ta\nnew1\ta\nnew2\ta\nnew3\ta\n', 'new.tsv') })
    expect(await corpus()).toMatchObject(before)
    expect(store().clips.splitCounts()).toEqual({ train: 12, val: 6, test: 6 })

    const split = await lines(names.map((name) => `${name}\ttest\n`).join(''), 'split.tsv')
    const kept = await imported({ captions, split })
    const moving = names.filter((name) => before[name]?.split !== 'test').length
    expect(kept.notices).toEqual([
      expect.stringMatching(new RegExp(`^${moving} clips are in another split in split.tsv, and stay`)),
    ])
    expect(await corpus()).toMatchObject(before)
    expect((await imported({ split, resplit: true })).sentence).toContain(
      `${moving} clips put in another split`,
    )
    expect(store().clips.splitCounts()).toMatchObject({ train: 2, test: 21 })
    await undo()
    expect(await corpus()).toMatchObject(before)
    await redo()
    expect(store().clips.splitCounts()).toMatchObject({ train: 2, test: 21 })
  })

  test('puts a video that is there already into the split of its twin, and tells where a file puts it elsewhere', async () => {
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/b.mp4')
    const videos = join(here, 'clips')
    await imported({ videos, split: await lines('a\ttest\nb\ttrain\n', 'split.tsv') })
    await video(1, 'clips/twin.mp4')
    const twin = await imported({ videos })
    expect(clipNamed('twin').split).toBe('test')
    expect(twin.notices).toContain('1 video is there more than once: a = twin.')
    await video(2, 'clips/again.mp4')
    const several = await imported({
      videos,
      split: await lines('again\tval\n', 'split.tsv'),
    })
    expect(several.notices).toContainEqual(
      expect.stringContaining(
        '1 video is in several splits, so that a model is tested on what it was trained on',
      ),
    )
    expect((await bench.client.corpus.imports()).sharedContent).toEqual([
      [
        expect.objectContaining({ name: 'again', split: 'val' }),
        expect.objectContaining({ name: 'b', split: 'train' }),
      ],
    ])
  })
})

describe('an import', () => {
  test('is previewed in every count, and the preview writes nothing', async () => {
    await imported({ captions: await lines(TWO) })
    decide('a', 'a hen', 'a grey hen')
    const before = [await corpus(), store().imports.list(9), store().edits.history(0, 9)]
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/new.mp4')
    const request = {
      videos: join(here, 'clips'),
      captions: await lines(`${TWO}new\tnew\nghost\tboo\nghost\tboo\n`, 'more.tsv'),
    }
    const foreseen = await preview(request)
    expect([await corpus(), store().imports.list(9), store().edits.history(0, 9)]).toEqual(before)
    expect(foreseen).toMatchObject({
      added: 1,
      known: 2,
      captionsAdded: 1,
      captionsKept: 4,
      captionsEdited: 1,
      linesUnmatched: 2,
      notices: ['2 lines of more.tsv match no clip: ghost (lines 6, 7).'],
    })
    expect(foreseen.sentence).toBe(
      '1 clip new, 2 known, 1 caption added, 0 removed, 1 edited caption kept, 1 clip gets its file, 2 lines match no clip',
    )
    expect(await imported(request)).toEqual(foreseen)
    expect((await bench.client.corpus.imports()).imports[0]).toMatchObject({
      title: 'more.tsv and clips',
      undone: false,
      report: foreseen,
    })
  })

  test('is one edit: undone and done again with all that it brought, and what comes back has its old ids', async () => {
    await imported({ captions: await lines(TWO) })
    const before = await corpus()
    await video(1, 'clips/a.mp4')
    await video(2, 'clips/c.mp4')
    const request = {
      videos: join(here, 'clips'),
      captions: await lines(`${TWO}a\tmore\nc\tnew\n`, 'more.tsv'),
    }
    await imported(request)
    const after = await corpus()
    const { id } = clipNamed('c')
    expect((await bench.client.project.history({})).edits.map(({ label }) => label)).toEqual([
      'import 1 clip, 2 captions',
      'import 2 clips, 4 captions',
    ])
    const found = async () =>
      (await bench.client.corpus.clips({ search: 'more' })).rows.map(({ name }) => name)
    await undo()
    expect([await corpus(), await found()]).toEqual([before, []])
    expect((await bench.client.corpus.imports()).imports.map(({ undone }) => undone)).toEqual([true, false])
    await redo()
    expect([await corpus(), await found()]).toEqual([after, ['a']])
    await undo()
    // Another import of the same brings back what is there still.
    const back = await imported(request)
    expect(back.sentence).toContain('1 clip comes back')
    expect([await corpus(), clipNamed('c').id]).toEqual([after, id])
    await undo()
    expect(await corpus()).toEqual(before)
    await undo()
    expect(await corpus()).toEqual({})
  })

  test('that was undone may be made again with other splits', async () => {
    const captions = await lines(TWO)
    await imported({ captions, split: await lines('a\ttrain\nb\ttrain\n', 'wrong.tsv') })
    await undo()
    const again = await imported({ captions, split: await lines('a\tval\nb\ttest\n', 'right.tsv') })
    expect(again).toMatchObject({ captionsAdded: 4, notices: [] })
    expect(await corpus()).toMatchObject({ a: { split: 'val' }, b: { split: 'test' } })
  })

  test('adds a line that somebody typed and took back: it was never there', async () => {
    await imported({ captions: await lines('a\ta bird\n') })
    await bench.client.corpus.addCaption({ clipId: clipNamed('a').id, text: 'a hen' })
    await undo()
    await redo()
    expect((await corpus())['a']!.captions).toEqual(['a bird', 'a hen'])
    await undo()
    expect(await imported({ captions: await lines('a\ta hen\n') })).toMatchObject({ captionsAdded: 1 })
    expect((await corpus())['a']!.captions).toEqual(['a bird', 'a hen'])
  })

  test('that was undone stands in the way of none: lines are of the clips that are there', async () => {
    await video(1, 'wrong/x/a.mp4')
    await video(2, 'wrong/x/b.mp4')
    await imported({ videos: join(here, 'wrong') })
    await undo()
    await video(3, 'right/y/a.mp4')
    await imported({ videos: join(here, 'right') })
    expect(await imported({ captions: await lines('a\ta bird\n') })).toMatchObject({ captionsAdded: 1 })
    expect(await corpus()).toMatchObject({ 'y/a': { captions: ['a bird'] } })
    expect(Object.keys(await corpus())).toEqual(['y/a'])
  })

  test('that changes nothing is no edit, nor is one that finds a video elsewhere', async () => {
    await video(1, 'clips/a.mp4')
    const captions = await lines(TWO)
    await imported({ videos: join(here, 'clips') })
    await undo()
    // Of the undone import a comes back, and b is new though that had a video.
    await imported({ captions })
    await rename(join(here, 'clips'), join(here, 'moved'))
    expect(await imported({ videos: join(here, 'moved') })).toMatchObject({ moved: 1 })
    expect(clipNamed('a').path).toBe('../moved/a.mp4')
    expect((await bench.client.project.history({})).edits.map(({ label }) => label)).toEqual([
      'import 1 clip, 4 captions',
    ])
    expect(await imported({ captions })).toMatchObject({ added: 0, captionsAdded: 0, captionsKept: 4 })
    expect((await bench.client.project.history({})).total).toBe(1)
  })

  test('leaves a clip removed that a person removed, and says so', async () => {
    await imported({ captions: await lines(TWO) })
    await bench.client.corpus.removeClips({ clipIds: [clipNamed('b').id] })
    const again = await imported({ captions: await lines(`${TWO}b\tmore\n`) })
    expect(again).toMatchObject({ added: 0, known: 2, captionsAdded: 0 })
    expect(again.notices).toEqual(['1 clip that was removed stays removed: b. Restore what is to come back.'])
    expect(Object.keys(await corpus())).toEqual(['a'])
  })

  test('names lines that match no clip, and is refused where none does', async () => {
    await video(1, 'clips/a.mp4')
    await imported({ videos: join(here, 'clips') })
    const slip = await imported({ captions: await lines('a\tone\na1\ttwo\n') })
    expect(slip).toMatchObject({ added: 0, captionsAdded: 1, linesUnmatched: 1 })
    expect(
      await bench.failure(await bench.client.corpus.import({ captions: await lines('x\tone\n', 'x.tsv') })),
    ).toBe('No caption of x.tsv is of a clip of this project: it speaks of x, the project holds a.')
    await expect(bench.client.corpus.import({})).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  test('of a file larger than is read at once is the same, and names the line that is wrong', async () => {
    const text = Array.from({ length: 12_000 }, (_, i) => `clip${i % 50}\tcaption ${i} of these\n`).join('')
    expect(await imported({ captions: await lines(text) })).toMatchObject({
      added: 50,
      captionsAdded: 12_000,
    })
    expect(store().clips.list(foundBy('caption 11999')).rows[0]?.captionCount).toBe(240)
    expect(
      await bench.failure(
        await bench.client.corpus.import({ captions: await lines(`${text}no tab\n`, 'wrong.tsv') }),
      ),
    ).toContain('wrong.tsv line 12001')
    await undo()
    expect(await corpus()).toEqual({})
  })

  test(
    'in any order of files and edits, loses nothing that people did and converges',
    { timeout: 120_000 },
    async () => {
      const line = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('one', 'two', 'three'))
      const file = fc.array(line, { minLength: 1, maxLength: 6 })
      const step = fc.oneof(
        { weight: 3, arbitrary: fc.record({ file: fc.nat(2) }) },
        fc.record({ edit: fc.nat(), to: fc.option(fc.nat(3)) }),
        fc.constantFrom('undo' as const, 'redo' as const),
      )
      let project = 0
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(file, file, file),
          fc.array(step, { maxLength: 8 }),
          async (files, steps) => {
            await bench.client.project.create({ path: join(here, `p${project++}.vitrine`) })
            const paths = await Promise.all(
              files.map((entries, i) =>
                lines(entries.map((entry) => `${entry.join('\t')}\n`).join(''), `file${i}.tsv`),
              ),
            )
            for (const next of steps) {
              if (next === 'undo' || next === 'redo') {
                await bench.client.project[next]()
              } else if ('file' in next) {
                const before = await corpus()
                await imported({ captions: paths[next.file]! })
                expectKept(before, await corpus())
              } else {
                const seen = Object.entries(await corpus()).flatMap(([name, { captions }]) =>
                  captions.map((text) => ({ name, text })),
                )
                const chosen = seen[next.edit % Math.max(1, seen.length)]
                if (chosen !== undefined) {
                  decide(chosen.name, chosen.text, next.to === null ? null : `edited ${next.to}`)
                }
              }
            }
            for (const captions of paths) {
              await imported({ captions })
            }
            const all = await corpus()
            for (const captions of paths) {
              expect(await imported({ captions })).toMatchObject({ added: 0, captionsAdded: 0 })
            }
            expect(await corpus()).toEqual(all)
          },
        ),
        { numRuns: 12 },
      )
    },
  )
})

/** Every caption that was seen before is seen still. */
function expectKept(
  before: Awaited<ReturnType<typeof corpus>>,
  after: Awaited<ReturnType<typeof corpus>>,
): void {
  const lost = Object.entries(before).flatMap(([name, { captions }]) =>
    captions.filter((text) => after[name]?.captions.includes(text) !== true),
  )
  expect(lost).toEqual([])
}

test(
  'topics, models, their captions and neurons are after an import what they were before',
  { timeout: 120_000 },
  async () => {
    const { sample: files } = await bench.openPrepared('topics')
    const { client } = bench
    const trained = await bench.finished(await client.training.train({ settings: { ...TINY, epochs: 2 } }))
    const modelId = trained.result?.kind === 'train' ? (trained.result.modelIds[0] ?? 0) : 0
    await bench.finished(await client.neurons.interpret({ modelId, shuffles: 1 }))
    const state = async () => {
      await bench.finished(await client.review.generate({ modelId, split: 'test' }))
      const { stale } = await client.training.model({ modelId })
      const { rows } = await client.review.list({ modelId })
      return {
        stale,
        captions: rows.map(({ clip, caption }) => [clip, caption]),
        topics: (await client.topics.list()).topics,
        neurons: await client.neurons.map({ modelId }),
      }
    }
    const before = await state()
    const everything = { videos: join(files, 'clips'), captions: join(files, 'captions.tsv') }
    await imported(everything)
    expect(await state()).toEqual(before)
    // New clips for training, and their undo.
    await video(1, 'more/new.mp4')
    await writeFile(join(here, 'more', 'new.mp4'), 'x', { flag: 'a' })
    await imported({
      videos: join(here, 'more'),
      captions: await lines('new\ta red ball\n', 'new.tsv'),
      split: await lines('new\ttrain\n', 'new-split.tsv'),
    })
    expect(await state()).toEqual(before)
    await undo()
    expect(await state()).toEqual(before)
    await rm(join(here, 'more'), { recursive: true })
    // Clips that are split anew make it stale, with that reason, until that is taken back.
    const names = (await client.corpus.clips({ split: 'train' })).rows.map(({ name }) => name)
    await imported({
      split: await lines(names.map((name) => `${name}\ttest\n`).join(''), 'moved.tsv'),
      resplit: true,
    })
    expect((await client.training.model({ modelId })).stale.join(' ')).toContain(
      `${names.length} clips moved from train to test since it was trained.`,
    )
    await undo()
    expect(await state()).toEqual(before)
  },
)
