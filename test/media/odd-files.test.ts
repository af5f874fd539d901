/**
 * Files of the kinds that people have, made here by ffmpeg, whose facts are therefore known: each is probed, its
 * frames are decoded, and its thumbnail is made.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wholeOf } from '../../src-main/media/source.ts'
import { openMedia } from './open.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { segmentStarts } from '../../src-main/media/frames.ts'
import { pictureSize } from './pictures.ts'
import type { Inspection } from '../../src-main/media/contract.ts'

/** Two seconds of a moving picture. */
const PLAIN: Inspection = {
  kind: 'video',
  duration: 2,
  fps: 25,
  frameCount: 50,
  width: 96,
  height: 64,
  codec: 'h264',
  pixelFormat: 'yuv420p',
  hasSound: false,
  damaged: false,
  contentType: 'video/mp4',
}
const H264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p']

interface OddFile {
  name: string
  picture?: { size?: string; rate?: string }
  /** Other inputs of ffmpeg. */
  inputs?: string[]
  options: string[]
  /** What differs from PLAIN. */
  facts: Partial<Inspection>
}

const FILES: OddFile[] = [
  { name: 'plain.mp4', options: H264, facts: {} },
  { name: 'mpeg-1.mpg', options: ['-c:v', 'mpeg1video'], facts: { codec: 'mpeg1video', contentType: null } },
  { name: 'mpeg-4.avi', options: ['-c:v', 'mpeg4'], facts: { codec: 'mpeg4', contentType: null } },
  { name: 'flash.flv', options: ['-c:v', 'flv1'], facts: { codec: 'flv1', contentType: null } },
  { name: 'windows.wmv', options: ['-c:v', 'wmv2'], facts: { codec: 'wmv2', contentType: null } },
  { name: 'broadcast.ts', options: H264, facts: { contentType: null } },
  {
    name: 'pictures.mov',
    options: ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'],
    facts: { codec: 'mjpeg', pixelFormat: 'yuvj420p', contentType: null },
  },
  { name: 'animated.gif', options: [], facts: { codec: 'gif', pixelFormat: 'bgra', contentType: null } },
  {
    name: 'web.webm',
    options: ['-c:v', 'libvpx', '-b:v', '1M', '-pix_fmt', 'yuv420p'],
    facts: { codec: 'vp8', contentType: 'video/webm' },
  },
  {
    name: 'ten-bit.mp4',
    options: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p10le'],
    facts: { pixelFormat: 'yuv420p10le', contentType: null },
  },
  {
    name: 'uneven-size.mp4',
    picture: { size: '97x65' },
    options: ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'],
    facts: { width: 97, height: 65, pixelFormat: 'yuv444p', contentType: null },
  },
  {
    name: 'television-rate.mp4',
    picture: { rate: '30000/1001' },
    options: H264,
    facts: { fps: 30000 / 1001, frameCount: 60, duration: 2.002 },
  },
  {
    // The frames 10 to 39 last three times as long.
    name: 'varying-rate.mkv',
    options: [
      ...['-vf', "setpts='if(lt(N,10),N,if(lt(N,40),10+3*(N-10),N+60))/25/TB'", '-fps_mode', 'passthrough'],
      ...H264,
    ],
    facts: { fps: 49 / 4.36, duration: 4.4, contentType: 'video/webm' },
  },
  {
    name: 'one-frame.mp4',
    options: ['-frames:v', '1', ...H264],
    facts: { frameCount: 1, duration: 1 / 25 },
  },
  {
    name: 'longer-sound.mp4',
    inputs: ['-f', 'lavfi', '-i', 'sine=duration=5'],
    options: [...H264, '-c:a', 'aac'],
    facts: { hasSound: true },
  },
  // Cut out of something longer, with the time that it had there.
  { name: 'late-start.mp4', options: [...H264, '-output_ts_offset', '1.5'], facts: {} },
  {
    name: 'late-start.mkv',
    options: [...H264, '-output_ts_offset', '300'],
    facts: { contentType: 'video/webm' },
  },
  {
    name: 'late-start.wmv',
    options: ['-c:v', 'wmv2', '-output_ts_offset', '20'],
    facts: { codec: 'wmv2', contentType: null },
  },
  {
    name: 'late-picture.mov',
    inputs: ['-f', 'lavfi', '-i', 'sine=duration=3.6'],
    options: ['-vf', 'setpts=PTS+1.6/TB', ...H264, '-c:a', 'pcm_s16le', '-fps_mode', 'passthrough'],
    facts: { duration: 3.6, hasSound: true },
  },
  // What ffmpeg says of a broken file, said by a good one of itself.
  {
    name: 'moov atom not found, partial file.mkv',
    options: [
      ...[...H264, '-metadata', 'title=File ended prematurely', '-metadata:s:v:0', 'title=Packet corrupt'],
      ...['-metadata', 'comment=Stream mapping:\n  Duration: 01:30:00.00, start: 0.0\nInvalid data found'],
      ...['-metadata', 'artist=  Stream #0:9: Audio: none', '-metadata', 'Duration=09:00:00'],
    ],
    facts: { contentType: 'video/webm' },
  },
  {
    name: 'with-a-cover.mp4',
    inputs: ['-f', 'lavfi', '-i', 'color=c=red:size=32x32:duration=0.04'],
    options: [
      ...['-map', '1:v', '-map', '0:v', '-c:v:0', 'mjpeg', '-disposition:v:0', 'attached_pic'],
      ...['-c:v:1', 'libx264', '-pix_fmt:v:1', 'yuv420p', '-disposition:v:1', 'default'],
    ],
    facts: {},
  },
]

const media = openMedia()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-odd-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(FILES)('$name', ({ name, picture, inputs = [], options, facts }) => {
  const expected = { ...PLAIN, ...facts }
  let path: string
  beforeAll(async () => {
    path = join(folder, name)
    const source = `testsrc=duration=2:size=${picture?.size ?? '96x64'}:rate=${picture?.rate ?? '25'}`
    await runFfmpeg(['-f', 'lavfi', '-i', source, ...inputs, ...options, fileUrl(path)], { file: path })
  })

  it('is known for what it is', async () => {
    const { duration, fps, ...exact } = await media.inspect(wholeOf(path))
    expect({ ...exact, duration: PLAIN.duration, fps: PLAIN.fps }).toEqual({
      ...expected,
      duration: PLAIN.duration,
      fps: PLAIN.fps,
    })
    expect(duration).toBeCloseTo(expected.duration, 2)
    expect(fps).toBeCloseTo(expected.fps, 1)
  })

  it('gives its frames, in order, and a thumbnail', async () => {
    const indices = segmentStarts(expected.frameCount, 28)
    const { frames, times } = await media.decodeFrames({ source: wholeOf(path), indices, size: 32 })
    expect(frames).toHaveLength(Math.min(28, expected.frameCount) * 32 * 32 * 3)
    expect(times.every((time, i) => time < expected.duration && time > (times[i - 1] ?? -1))).toBe(true)
    const thumbnail = join(folder, `${name}.jpg`)
    await media.makeThumbnail(wholeOf(path), thumbnail)
    expect(await pictureSize(thumbnail)).toMatchObject({ width: 160 })
  })
})
