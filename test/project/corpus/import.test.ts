import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CancelledError } from '../../../src-main/common/failures.ts'
import { nameFinder } from '../../../src-main/formats/captions/clip-names.ts'
import { runFfmpeg } from '../../../src-main/media/program/ffmpeg.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import { openMedia } from '../../media/open.ts'
import { CLIPS } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const media = openMedia()

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

const clips = () => join(here, 'clips')
const copy = (name: string, to = `${name}.mp4`) =>
  copyFile(join(sample, 'clips', `${name}.mp4`), join(clips(), to))
async function captions(text: string, name = 'captions.txt'): Promise<string> {
  await writeFile(join(here, name), text)
  return join(here, name)
}
const counts = async () => {
  const summary = await bench.client.project.summary()
  return [summary?.clips, summary?.captions]
}

describe('import', () => {
  test('an unknown format is refused before anything is read', async () => {
    const request = { videos: null, captions: join(here, 'none.txt'), format: 'subrip' }
    await expect(bench.client.corpus.import(request)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'There is no caption format subrip.',
    })
  })

  test('the sample, with its split; twice changes nothing', async () => {
    const request = {
      videos: join(sample, 'clips'),
      captions: join(sample, 'captions.tsv'),
      split: join(sample, 'split.tsv'),
    }
    const lines = (await readFile(request.captions, 'utf8')).trim().split('\n')
    expect((await bench.finished(await bench.client.corpus.import(request))).notices).toEqual([])
    expect(await counts()).toEqual([CLIPS, lines.length])
    const before = await bench.client.corpus.clips({})
    expect(before.rows[0]).toMatchObject({ name: 'clip0001', problem: null, hasFeatures: false })
    expect((await bench.finished(await bench.client.corpus.import(request))).summary).toContain(
      '0 clips new, 16 known, 0 captions added',
    )
    expect(await bench.client.corpus.clips({})).toEqual(before)

    const clip = await bench.client.corpus.clip({ clipId: before.rows[0]?.id ?? 0 })
    expect(clip.captions.map(({ text }) => text)).toEqual(
      lines.filter((line) => line.startsWith('clip0001\t')).map((line) => line.split('\t')[1]),
    )
    const { path, contentType } = await bench.app.mediaFile(
      clip.id,
      'thumbnail',
      new AbortController().signal,
    )
    expect(contentType).toBe('image/jpeg')
    expect([...(await readFile(path)).subarray(0, 2)]).toEqual([0xff, 0xd8])
  })

  test('broken clips are left out and named; the rest comes in', async () => {
    await copy('clip0001')
    const whole = await readFile(join(sample, 'clips', 'clip0002.mp4'))
    await writeFile(join(clips(), 'cut.mp4'), whole.subarray(0, whole.length / 2))
    await writeFile(join(clips(), 'text.mp4'), 'this is no video\n'.repeat(50))
    const file = await captions('clip0001\ta\ncut\tb\ntext\tc\n')
    const { notices } = await bench.finished(
      await bench.client.corpus.import({ videos: clips(), captions: file }),
    )
    expect(notices).toHaveLength(2)
    expect(notices[0]).toContain('cut.mp4')
    expect(notices[1]).toContain('text.mp4 is not a video')
    expect(await counts()).toEqual([1, 1])
  })

  test.each<[string, () => Promise<{ captions: string; videos?: string; split?: string }>, string]>([
    ['an empty folder', async () => ({ captions: await captions('a\tb\n') }), 'holds no video'],
    [
      'a folder that is not there',
      async () => ({ captions: await captions('a\tb\n'), videos: join(here, 'nowhere') }),
      'does not exist',
    ],
    [
      'a caption file that is not there',
      async () => ({ captions: join(here, 'none.csv') }),
      'none.csv does not exist',
    ],
    [
      'captions of other clips',
      async () => {
        await copy('clip0001')
        return { captions: await captions('x\ta\ny\tb\n') }
      },
      'No caption of captions.txt is of a video',
    ],
    [
      'a bad line',
      async () => {
        await copy('clip0001')
        return { captions: await captions('clip0001\ta\nclip0001 b\n') }
      },
      'captions.txt line 2',
    ],
    [
      'only broken clips',
      async () => {
        await writeFile(join(clips(), 'a.mp4'), '')
        return { captions: await captions('a\ta\n') }
      },
      'a.mp4 is empty',
    ],
    [
      'a split that leaves a clip out',
      async () => {
        await copy('clip0001')
        await copy('clip0002')
        return {
          captions: await captions('clip0001\ta\n'),
          split: await captions('clip0001\ttrain\n', 'split.tsv'),
        }
      },
      'split.tsv gives no split for 1 clip: clip0002',
    ],
    [
      'paths of two folders that end alike, neither of them that of the video',
      async () => {
        await copy('clip0001', 'a.mp4')
        return { captions: await captions('train/a\tone\nval/a\ttwo\n') }
      },
      'captions.txt line 1: train/a could be several videos',
    ],
    [
      'an ambiguous name',
      async () => {
        await copy('clip0001', 'a.mp4')
        await copy('clip0002', 'a.m4v')
        return { captions: await captions('a\tone\n') }
      },
      'captions.txt line 1: a could be several videos',
    ],
  ])('%s is refused in a sentence, and nothing is written', async (_, prepare, sentence) => {
    expect(
      await bench.failure(await bench.client.corpus.import({ videos: clips(), ...(await prepare()) })),
    ).toContain(sentence)
    expect(await counts()).toEqual([0, 0])
  })

  test('captions of a few other clips are left out with a notice', async () => {
    await copy('clip0001')
    const { notices } = await bench.finished(
      await bench.client.corpus.import({
        videos: clips(),
        captions: await captions('clip0001.mp4\ta\nghost\tb\nghost\tc\n'),
      }),
    )
    expect(notices).toEqual(['2 lines of captions.txt match no clip: ghost (lines 2, 3).'])
    expect(await counts()).toEqual([1, 1])
  })

  test('a clip is not called by a path whose folder is another one', async () => {
    await mkdir(join(clips(), 'train'))
    await copy('clip0001', 'train/0001.mp4')
    await copy('clip0002', 'train/0002.mp4')
    const text = 'val/0001.mp4\tother\ntrain/0001.mp4\ta man\n/data/train/0002.mp4\ta cat\n'
    const { notices } = await bench.finished(
      await bench.client.corpus.import({
        videos: join(clips(), 'train'),
        captions: await captions(text),
        split: await captions('val/0001\tval\ntrain/0001\ttest\ntrain/0002\ttrain\n', 'splits.txt'),
      }),
    )
    expect(notices).toContainEqual(expect.stringContaining('val/0001.mp4 (line 1)'))
    const { rows } = await bench.client.corpus.clips({})
    expect(rows.map(({ name, split, captionCount }) => [name, split, captionCount])).toEqual([
      ['0001', 'test', 1],
      ['0002', 'train', 1],
    ])
  })

  test('captions without videos make a project of their own', async () => {
    await bench.finished(
      await bench.client.corpus.import({
        videos: null,
        captions: await captions('{"id": 7, "captions": ["a", "b"]}\n{"id": 8, "caption": "c"}', 'c.jsonl'),
      }),
    )
    expect(await counts()).toEqual([2, 3])
    expect((await bench.client.corpus.clips({})).rows.map(({ thumbnailUrl }) => thumbnailUrl)).toEqual([
      null,
      null,
    ])
  })

  test('a clip that no browser plays gets a proxy, made once for all who ask; a playable one is served as it is', async () => {
    await copy('clip0001')
    const odd = join(clips(), 'odd.avi')
    // Long enough that no machine copies it before it says how far it is.
    const original = ['-stream_loop', '30', '-i', join(sample, 'clips', 'clip0002.mp4')]
    await runFfmpeg([...original, '-c:v', 'mpeg4', odd], { file: odd })
    await bench.finished(
      await bench.client.corpus.import({ videos: clips(), captions: await captions('odd\ta\n') }),
    )
    const { signal } = new AbortController()
    const { rows } = await bench.client.corpus.clips({})
    const [plain, proxied] = rows.map(({ id }) => id)
    expect(await bench.app.mediaFile(plain ?? 0, 'video', signal)).toEqual({
      path: join(clips(), 'clip0001.mp4'),
      contentType: 'video/mp4',
    })
    const heard: number[] = []
    const stop = bench.app.events.subscribe((event) => {
      heard.push(event.type === 'copying' ? event.clipId : 0)
    })
    const impatient = bench.app
      .mediaFile(proxied ?? 0, 'video', AbortSignal.timeout(1))
      .catch((error: unknown) => error)
    const files = await Promise.all([1, 2].map(() => bench.app.mediaFile(proxied ?? 0, 'video', signal)))
    expect(await impatient).toBeInstanceOf(CancelledError)
    expect(files[0]).toEqual(files[1])
    expect(await media.inspect(wholeOf(files[0]?.path ?? ''))).toMatchObject({ contentType: 'video/mp4' })
    expect(await readdir(join(here, 'a.vitrine', 'proxies'))).toHaveLength(1)
    stop()
    expect(heard).toContain(proxied)
  })

  test('a cancelled import leaves nothing behind', async () => {
    // Files that nobody has read yet, and more of them than any machine reads at once.
    for (let copies = 0; copies < 30; copies++) {
      await cp(join(sample, 'clips'), join(clips(), String(copies)), { recursive: true })
    }
    const { jobId } = await bench.client.corpus.import({
      videos: clips(),
      captions: join(sample, 'captions.tsv'),
    })
    const stop = bench.app.events.subscribe((event) => {
      if (
        event.type === 'job' &&
        event.job.id === jobId &&
        event.job.state === 'running' &&
        event.job.progress?.phase === 'reading clips'
      ) {
        bench.app.jobs.cancel(jobId)
      }
    })
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    stop()
    expect(await counts()).toEqual([0, 0])
  })

  test('a video that was replaced after the import gets no features under its old name', async () => {
    await copy('clip0001')
    await copy('clip0002')
    await bench.finished(
      await bench.client.corpus.import({ videos: clips(), captions: await captions('clip0001\ta\n') }),
    )
    await copyFile(join(sample, 'clips', 'clip0003.mp4'), join(clips(), 'clip0002.mp4'))
    const { notices } = await bench.finished(
      await bench.client.corpus.computeFeatures({ frames: 2, grid: 1 }),
    )
    expect(notices).toEqual([expect.stringContaining('clip0002.mp4 has changed since it was imported')])
    const { rows } = await bench.client.corpus.clips({})
    expect(rows.map(({ hasFeatures }) => hasFeatures)).toEqual([true, false])
    const [key = ''] = await readdir(join(here, 'a.vitrine', 'features'))
    expect(await readdir(join(here, 'a.vitrine', 'features', key))).toHaveLength(1)
  })
})

test('a caption file may name a clip by path or by file, with or without extension', () => {
  const find = nameFinder([
    { name: 'a/x', path: '/v/a/x.mp4' },
    { name: 'b/x', path: '/v/b/x.avi' },
    { name: 'b/y.mp4', path: '/v/b/y.mp4' },
    { name: 'b/y.mkv', path: '/v/b/y.mkv' },
  ])
  expect(['a/x', 'a/x.mp4', 'x.mp4', 'x.avi', 'b/y.mkv', 'y.mp4'].map(find)).toEqual([0, 0, 0, 1, 3, 2])
  expect(['x', 'b/y', 'y'].map(find)).toEqual(['ambiguous', 'ambiguous', 'ambiguous'])
  expect(find('z')).toBeNull()
})
