/** Parts of videos are clips: they come with captions that have times, and no file is cut. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportRequest } from '#contract'
import { fileUrl, runFfmpeg } from '../../../src-main/media/program/ffmpeg.ts'
import { pictureBytes } from '../../media/pictures.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

/** Seconds of each video. */
const LENGTH = 3

let bench: Workbench
let here: string
beforeEach(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('imported')
  here = await mkdtemp(join(bench.folder, 'parts-'))
  await mkdir(join(here, 'clips'))
  await film('testsrc2', join(here, 'clips', 'v1.mp4'))
  await film('testsrc', join(here, 'clips', 'v2.mp4'))
  await bench.client.project.create({ path: join(here, 'p.vitrine') })
})
afterEach(() => bench.close())

/** Renders a video of 25 frames a second in which no two frames are the same. */
async function film(picture: string, path: string): Promise<void> {
  const source = `${picture}=size=160x120:rate=25:duration=${LENGTH}`
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p']
  await runFfmpeg(['-f', 'lavfi', '-i', source, ...codec, fileUrl(path)], { file: path })
}

async function table(...rows: string[]): Promise<string> {
  const path = join(here, 'parts.csv')
  await writeFile(path, ['video_id,start,end,sentence', ...rows, ''].join('\n'))
  return path
}

async function imported(request: ImportRequest) {
  const job = await bench.finished(await bench.client.corpus.import(request))
  const { rows } = await bench.client.corpus.clips({})
  return {
    notices: job.notices,
    rows,
    clips: rows.map(({ name, start, end, captionCount }) => [name, start, end, captionCount]),
  }
}
const videos = () => join(here, 'clips')

describe('an import', () => {
  it('makes a clip of each part, which is the same one the next time, and leaves the video out', async () => {
    const captions = await table('v1,0,1,a', 'v1,0,1,b', 'v1,1,2.5,c', 'v2,0,3,d')
    const { clips, rows } = await imported({ videos: videos(), captions })
    expect(clips).toEqual([
      ['v1_0_1', 0, 1, 2],
      ['v1_1_2.5', 1, 2.5, 1],
      // One part that is all of its video is the video.
      ['v2', null, null, 1],
    ])
    expect(rows.map(({ duration }) => duration?.toFixed(1))).toEqual(['1.0', '1.5', '3.0'])
    expect((await imported({ videos: videos(), captions })).clips).toEqual(clips)
    // By their video alone, wherever it lies now, no clip comes beside them.
    await mkdir(join(here, 'elsewhere'))
    await rename(join(videos(), 'v1.mp4'), join(here, 'elsewhere', 'other name.mp4'))
    expect((await imported({ videos: join(here, 'elsewhere') })).clips).toEqual(clips)
    const signal = new AbortController().signal
    const playing = await bench.app.mediaFile(rows[1]!.id, 'video', signal)
    expect(playing.path).toBe(join(here, 'elsewhere', 'other name.mp4'))
  })

  it('finds the video of new parts by the parts that the project has', async () => {
    await imported({ videos: videos(), captions: await table('v1,0,1,a', 'v1,1,2,b') })
    const { clips } = await imported({ captions: await table('v1,1,2,c', 'v1,2,3,d', 'v1,,,e') })
    expect(clips.filter(([name]) => String(name).startsWith('v1'))).toEqual([
      ['v1', null, null, 1],
      ['v1_0_1', 0, 1, 1],
      ['v1_1_2', 1, 2, 2],
      ['v1_2_3', 2, 3, 1],
    ])
  })

  it('ends parts where their video does, and leaves out what lies beyond', async () => {
    const captions = await table('v1,0,2,a', `v1,1,${LENGTH + 9},b`, `v1,${LENGTH + 1},${LENGTH + 2},c`)
    const { clips, notices } = await imported({ videos: videos(), captions })
    expect(clips.slice(0, 2)).toEqual([
      ['v1_0_2', 0, 2, 1],
      [`v1_1_${LENGTH + 9}`, 1, expect.closeTo(LENGTH, 1), 1],
    ])
    expect(notices[0]).toMatch(/1 part ends where its video does.*v1_1_12 \(of 3\.0 s\)/)
    expect(notices[1]).toMatch(/1 line is of parts beyond the end of a video.*v1 4-5 s \(line 4\)/)
  })

  it('takes a video for the part that it was cut out by, where times say so', async () => {
    const captions = await table('v1,33,36,a', 'v1,33,36,b', 'v2,0,9,c')
    const { clips, notices } = await imported({ videos: videos(), captions })
    expect(clips).toEqual([
      ['v1', null, null, 2],
      ['v2', null, null, 1],
    ])
    expect(notices.join()).toContain('v1 (33-36 s)')
    expect(notices.join()).toContain('v2_0_9 (of 3.0 s)')
  })

  it('has parts wait for their video, and puts them where their video is', async () => {
    const captions = await table('v1,0,1,a', 'v1,1,2,b', 'v2,1,2,c', 'v2,0,1,d')
    const split = join(here, 'split.tsv')
    await writeFile(split, 'v1\ttest\nv2\ttrain\nv2_0_1\tval\n')
    const waiting = await imported({ captions, split })
    expect(waiting.rows.map(({ name, split, duration }) => [name, split, duration])).toEqual([
      ['v1_0_1', 'test', null],
      ['v1_1_2', 'test', null],
      ['v2_0_1', 'val', null],
      ['v2_1_2', 'train', null],
    ])
    const { rows, clips } = await imported({ videos: videos() })
    expect(clips).toEqual(waiting.clips)
    expect(rows.map(({ duration }) => duration?.toFixed(1))).toEqual(Array(4).fill('1.0'))
  })

  it('deals the parts of a video to one split', async () => {
    await rm(join(videos(), 'v2.mp4'))
    const captions = await table('v1,0,1,a', 'v1,1,2,b', 'v1,2,3,c', 'v1,0,2,d', 'v1,0.5,2,e')
    const { rows, notices } = await imported({ videos: videos(), captions, split: [0.5, 0.25, 0.25] })
    expect(rows).toHaveLength(5)
    expect(new Set(rows.map(({ split }) => split)).size).toBe(1)
    expect(notices).toEqual([])
    await bench.client.corpus.moveClips({ clipIds: [rows[0]!.id], split: 'test' })
    await bench.client.corpus.moveClips({ clipIds: [rows[1]!.id], split: 'train' })
    expect((await bench.client.corpus.imports()).sharedContent[0]).toHaveLength(5)
  })
})

it(
  'a part is seen within its bounds: features, times, strip and small picture',
  { timeout: 60_000 },
  async () => {
    const captions = await table('v1,0,1,a', 'v1,1,2,b', 'v2,0,3,c')
    const { rows } = await imported({ videos: videos(), captions })
    await bench.finished(await bench.client.corpus.computeFeatures({ frames: 4 }))
    const [, part] = await Promise.all(rows.map(({ id }) => bench.client.corpus.clip({ clipId: id })))
    expect(part!.frameTimes.map((time) => time.toFixed(2))).toEqual(['0.00', '0.24', '0.48', '0.72'])
    const signal = new AbortController().signal
    const pictures = await Promise.all(
      rows.map(async ({ id }) => (await bench.app.mediaFile(id, 'thumbnail', signal)).path),
    )
    const bytes = await Promise.all(pictures.map((path) => pictureBytes(path, 8)))
    expect(bytes[0]!.equals(bytes[1]!)).toBe(false)
    await bench.app.mediaFile(part!.id, 'filmstrip', signal)
  },
)
