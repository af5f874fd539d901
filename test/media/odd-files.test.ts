/**
 * Files of the kinds that people have, made here by ffmpeg, whose facts are therefore known: each is probed, its
 * frames are decoded, and its thumbnail is made.
 */
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wholeOf } from '../../src-main/media/source.ts'
import { openMedia } from './open.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { LIMITS } from '../../src-main/media/limits.ts'
import { createProgramTools } from '../../src-main/media/program/tools.ts'
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

/** A picture as a clip of one frame. */
const STILL: Partial<Inspection> = { kind: 'picture', frameCount: 1, duration: 1 / 25 }
const SUBTITLES =
  'data:text/plain;base64,' +
  Buffer.from('1\n00:00:00,500 --> 00:00:09,000\nstill there\n').toString('base64')

interface OddFile {
  name: string
  picture?: { size?: string; rate?: string }
  /** Other inputs of ffmpeg. */
  inputs?: string[]
  options: string[]
  /** Options with which it is copied, if it is. */
  copied?: string[]
  /** Whether the ffmpeg program knows less of it. */
  differs?: true
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
  { name: 'vertical.mp4', picture: { size: '64x96' }, options: H264, facts: { width: 64, height: 96 } },
  {
    name: 'eight-k.avi',
    picture: { size: '7680x4320' },
    options: ['-frames:v', '2', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'],
    facts: {
      ...{ width: 7680, height: 4320, codec: 'mjpeg', pixelFormat: 'yuvj420p', contentType: null },
      ...{ frameCount: 2, duration: 0.08 },
    },
  },
  {
    name: 'see-through.mov',
    options: ['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le', '-frames:v', '10'],
    facts: {
      ...{ codec: 'prores', pixelFormat: 'yuva444p12le', contentType: null },
      ...{ frameCount: 10, duration: 0.4 },
    },
  },
  {
    name: 'fields.mpg',
    options: ['-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-bf', '2'],
    facts: { codec: 'mpeg2video', contentType: null },
  },
  {
    // Two groups of pictures of which the second one's first pictures need the first.
    name: 'open-groups.mp4',
    options: [...H264, '-x264-params', 'open-gop=1:keyint=20:min-keyint=20:scenecut=0:bframes=3'],
    facts: {},
  },
  {
    name: 'held-last-frame.mp4',
    differs: true,
    options: [...H264, '-bf', '0'],
    copied: ['-bsf:v', 'setts=duration=if(eq(N\\,49)\\,38400\\,512)'],
    facts: { duration: 49 / 25 + 3 },
  },
  {
    name: 'longer-subtitles.mkv',
    inputs: ['-f', 'srt', '-i', SUBTITLES],
    options: [...H264, '-c:s', 'srt'],
    facts: { contentType: 'video/webm' },
  },
  {
    name: 'still.jpg',
    options: ['-frames:v', '1', '-f', 'image2'],
    facts: { ...STILL, codec: 'mjpeg', pixelFormat: 'yuvj444p', contentType: 'image/jpeg' },
  },
  {
    name: 'a-png-called.jpg',
    options: ['-frames:v', '1', '-c:v', 'png', '-pix_fmt', 'rgba', '-f', 'image2'],
    facts: { ...STILL, codec: 'png', pixelFormat: 'rgba', contentType: 'image/png' },
  },
  {
    name: 'still.webp',
    options: ['-frames:v', '1', '-c:v', 'libwebp', '-f', 'image2'],
    facts: { ...STILL, codec: 'webp', pixelFormat: 'yuv420p', contentType: 'image/webp' },
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

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-odd-'))
})
afterAll(() => rm(folder, { recursive: true }))

const libraries = openMedia()
const program = createProgramTools(LIMITS)

describe.each(FILES)('$name', ({ name, picture, inputs = [], options, copied, facts, differs }) => {
  const expected = { ...PLAIN, ...facts }
  let path: string
  beforeAll(async () => {
    path = join(folder, name)
    const source = `testsrc=duration=2:size=${picture?.size ?? '96x64'}:rate=${picture?.rate ?? '25'}`
    await runFfmpeg(['-f', 'lavfi', '-i', source, ...inputs, ...options, fileUrl(path)], { file: path })
    if (copied !== undefined) {
      const first = join(folder, `first-${name}`)
      await rename(path, first)
      await runFfmpeg(['-i', fileUrl(first), '-c', 'copy', ...copied, fileUrl(path)], { file: path })
    }
  })

  it('is known for what it is', async () => {
    const { duration, fps, ...exact } = await libraries.inspect(wholeOf(path))
    const { duration: _, fps: __, ...others } = expected
    expect(exact).toEqual(others)
    expect(duration).toBeCloseTo(expected.duration, 2)
    expect(fps).toBeCloseTo(expected.fps, 1)
  })

  it.skipIf(differs)('is known so by the ffmpeg program as well', async () => {
    const { kind, frameCount, width, height, codec } = await program.inspect(wholeOf(path))
    expect({ kind, frameCount, width, height, codec }).toEqual({
      kind: expected.kind,
      frameCount: expected.frameCount,
      width: expected.width,
      height: expected.height,
      codec: expected.codec,
    })
  })

  it('gives its frames, in order, and a thumbnail', async () => {
    const indices = segmentStarts(expected.frameCount, 28)
    const { frames, times, lost } = await libraries.decodeFrames({ source: wholeOf(path), indices, size: 32 })
    expect(lost).toEqual([])
    expect(frames).toHaveLength(indices.length * 32 * 32 * 3)
    expect(times.every((time, i) => time < expected.duration && time > (times[i - 1] ?? -1))).toBe(true)
    const thumbnail = join(folder, `${name}.jpg`)
    await libraries.makeThumbnail(wholeOf(path), thumbnail)
    expect(await pictureSize(thumbnail)).toMatchObject({ width: 160 })
  })
})

describe('what is no clip is refused in words', () => {
  it.each([
    ['no-frames.mp4', ['-frames:v', '0', ...H264], /no-frames\.mp4 (is cut off|holds no)/],
    ['too-large.png', ['-vf', 'scale=8400:8000', '-frames:v', '1', '-f', 'image2'], /more than 8192 by 8192/],
    ['animated.webp', ['-c:v', 'libwebp_anim', '-f', 'webp'], /animated WebP/],
    ['sound.wav.mp4', ['-f', 'yuv4mpegpipe', '-pix_fmt', 'yuv420p'], /not a video of a kind that is opened/],
  ])('%s', async (name, options, words) => {
    const path = join(folder, name)
    const source = ['-f', 'lavfi', '-i', 'testsrc=duration=0.4:size=96x64']
    await runFfmpeg([...source, ...options, fileUrl(path)], { file: path })
    await expect(libraries.inspect(wholeOf(path))).rejects.toThrow(words)
  })
})
