/** Still pictures and folders of frames as clips, from the folder to a trained model. */
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ImportRequest } from '#contract'
import { fileUrl, runFfmpeg } from '../../../src-main/media/program/ffmpeg.ts'
import { pictureSize } from '../../media/pictures.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const signal = new AbortController().signal

let bench: Workbench
let here: string
let clips: string
beforeEach(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('imported')
  here = await mkdtemp(join(bench.folder, 'pictures-'))
  clips = join(here, 'clips')
  await mkdir(clips)
  await bench.client.project.create({ path: join(here, 'p.vitrine') })
})
afterEach(() => bench.close())

/** Draws pictures of which no two are the same: `pattern` is a name of ffmpeg's, such as `f%03d.jpg`. */
async function draw(
  pattern: string,
  { count, size = '96x64' }: { count: number; size?: string },
): Promise<void> {
  const path = join(clips, pattern)
  const source = `testsrc2=size=${size}:rate=1:duration=${count}`
  await runFfmpeg(['-f', 'lavfi', '-i', source, '-f', 'image2', fileUrl(path)], { file: path })
}

async function file(name: string, text: string): Promise<string> {
  const path = join(here, name)
  await writeFile(path, text)
  return path
}

async function imported(request: Omit<ImportRequest, 'videos'>) {
  const job = await bench.finished(await bench.client.corpus.import({ videos: clips, ...request }))
  const report = job.result?.kind === 'import' ? job.result.report! : null
  return { notices: job.notices, report, rows: (await bench.client.corpus.clips({})).rows }
}

it(
  'pictures are clips of one frame: they train, and their captions are reviewed',
  { timeout: 120_000 },
  async () => {
    await draw('p%d.png', { count: 8 })
    const lines = Array.from({ length: 8 }, (_, i) =>
      [0, 1].map((n) => `p${i + 1}.png#${n}\ta ${i % 2 === 0 ? 'dog' : 'cat'} runs on the grass ${n}\n`),
    )
    const split = await file(
      'split.tsv',
      lines.map((_, i) => `p${i + 1}.png\t${['train', 'train', 'val', 'test'][i % 4]}\n`).join(''),
    )
    const { rows, notices } = await imported({
      captions: await file('c.token', lines.flat().join('')),
      split,
    })
    expect(notices).toEqual([])
    expect(rows[0]).toMatchObject({ name: 'p1', kind: 'picture', duration: null, captionCount: 2 })
    await bench.finished(await bench.client.corpus.computeFeatures({ frames: 4 }))
    const clip = await bench.client.corpus.clip({ clipId: rows[0]!.id })
    expect(clip).toMatchObject({
      frames: 1,
      cells: 2,
      frameTimes: [0],
      videoUrl: null,
      width: 96,
      height: 64,
    })
    expect(await bench.app.mediaFile(clip.id, 'picture', signal)).toEqual({
      path: join(clips, 'p1.png'),
      contentType: 'image/png',
    })
    // What a project calls a picture is looked at before it is shown.
    const { store } = bench.app.project()
    store.clips.setMedia(rows[1]!.id, { ...store.clips.get(rows[1]!.id), path: import.meta.filename })
    await expect(bench.app.mediaFile(rows[1]!.id, 'picture', signal)).rejects.toThrow('is no JPEG')
    expect(await pictureSize((await bench.app.mediaFile(clip.id, 'filmstrip', signal)).path)).toEqual({
      width: 96,
      height: 72,
    })
    await bench.finished(await bench.client.topics.extract({ k: 2, iterations: 10, minDocumentFrequency: 1 }))
    await bench.finished(await bench.client.training.train({ settings: { ...TINY, epochs: 1 } }))
    await bench.finished(await bench.client.review.generate({ modelId: 1, split: 'test' }))
    await bench.finished(await bench.client.neurons.interpret({ modelId: 1 }))
    const [row] = (await bench.client.review.list({ modelId: 1, split: 'test' })).rows
    const at = { modelId: 1, clipId: row!.clipId }
    const { words } = await bench.client.review.clip(at)
    // Pictures are cut into 2 x 2 cells unless somebody wants them whole.
    for (const { attention } of words) {
      expect(attention).toHaveLength(4)
      expect(attention.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4)
    }
    const { times, topics } = await bench.client.review.strip(at)
    expect(times).toEqual([0])
    expect(topics.map(({ values }) => values.length)).toEqual(topics.map(() => 1))
    const { clips: exciting } = await bench.client.neurons.neuron({ modelId: 1, neuron: 0 })
    expect(exciting[0]).toMatchObject({ activation: [expect.any(Number)], peakSecond: 0 })
    const { cells, activation } = exciting[0]!
    expect(cells).toHaveLength(4)
    expect(activation[0]).toBeCloseTo(cells.reduce((sum, value) => sum + value, 0) / 4, 5)
  },
)

it(
  'a folder of frames is a clip that plays, and what it was taken for can be set',
  { timeout: 60_000 },
  async () => {
    await mkdir(join(clips, 'v_run'))
    await draw('v_run/img_%05d.jpg', { count: 12 })
    const guessed = await imported({})
    expect(guessed.rows).toEqual([expect.objectContaining({ name: 'v_run', kind: 'frames' })])
    expect(guessed.notices.join()).toMatch(
      /1 folder of numbered pictures is taken .*: v_run\..*--media pictures/,
    )
    const { id } = guessed.rows[0]!
    await bench.finished(await bench.client.corpus.computeFeatures({ frames: 4 }))
    const clip = await bench.client.corpus.clip({ clipId: id })
    expect(clip.frameTimes).toEqual([0, 0.12, 0.24, 0.36])
    const { path, contentType } = await bench.app.mediaFile(id, 'video', signal)
    expect(contentType).toBe('video/mp4')
    expect((await readFile(path)).length).toBeGreaterThan(1000)

    const captioned = await imported({ captions: await file('c.tsv', 'v_run\ta person runs\n') })
    expect(captioned.notices).toEqual([])
    const listed = await imported({ split: await file('s.tsv', 'v_run\ttrain\n'), resplit: true })
    expect(listed.notices).toEqual([])
    expect((await imported({ media: 'pictures' })).report?.added).toBe(12)
  },
)

it('pictures and folders of frames that are there twice are called what they are', async () => {
  for (const name of ['a', 'b']) {
    await mkdir(join(clips, name))
    await draw(`${name}/f%d.png`, { count: 2 })
  }
  await draw('p%d.png', { count: 1 })
  await copyFile(join(clips, 'p1.png'), join(clips, 'q.png'))
  const { notices } = await imported({})
  expect(notices).toContainEqual(
    expect.stringMatching(/^1 picture and 1 folder of frames are there more than once: .*a = b/),
  )
  await copyFile(join(clips, 'p1.png'), join(clips, 'r.png'))
  const split = await file('s.tsv', 'r\ttest\n')
  expect((await imported({ split })).notices).toContainEqual(
    expect.stringMatching(/^1 picture is in several splits/),
  )
})

it('an animated GIF is a video, and what is no picture is left out', { timeout: 60_000 }, async () => {
  const gif = join(clips, 'wave.gif')
  await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=10:duration=1', fileUrl(gif)], {
    file: gif,
  })
  await writeFile(join(clips, 'text.jpg'), 'this is no picture')
  const { rows, notices } = await imported({})
  expect(rows).toEqual([expect.objectContaining({ name: 'wave', kind: 'video' })])
  expect(rows[0]!.duration).toBeCloseTo(1, 1)
  expect(notices.join()).toContain('text.jpg')
  const { contentType } = await bench.app.mediaFile(rows[0]!.id, 'video', signal)
  expect(contentType).toBe('video/mp4')
})
