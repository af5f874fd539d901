/** Files that are no whole videos, or made to harm whoever opens them: each ends in one sentence, at once. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wholeOf } from '../../src-main/media/source.ts'
import { createMediaTools } from '../../src-main/media/create.ts'
import type { Limits } from '../../src-main/media/limits.ts'
import { segmentStarts } from '../../src-main/media/frames.ts'
import { mediaStarter } from '../../src-main/media/process.ts'
import type { MediaTools } from '../../src-main/media/tools.ts'
import { mediaEntry } from '../../src-main/paths.ts'
import { openMedia } from './open.ts'
import { fileUrl, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'
import { hashFile } from '../../src-main/formats/hash.ts'

const H264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p']
/** Bytes of a packet of a transport stream. */
const PACKET = 188

const media = openMedia()
const limited: MediaTools[] = []
function openLimited(limits: Partial<Limits>): MediaTools {
  const tools = createMediaTools(mediaStarter(mediaEntry), { limits, atOnce: 1 })
  limited.push(tools)
  return tools
}
afterAll(() => Promise.all(limited.map((tools) => tools.close())))
let folder: string
let good: string

async function make(name: string, inputs: string[], options: string[]): Promise<string> {
  const path = join(folder, name)
  await runFfmpeg([...inputs.flatMap((input) => ['-f', 'lavfi', '-i', input]), ...options, fileUrl(path)], {
    file: path,
  })
  return path
}

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-hostile-'))
  good = await make('good.mp4', ['testsrc=duration=1:size=96x64'], H264)
})
afterAll(() => rm(folder, { recursive: true }))

describe('what names other files', () => {
  it.each([
    ['HLS', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\ngood.mp4\n#EXT-X-ENDLIST\n'],
    ['concat', "ffconcat version 1.0\nfile 'good.mp4'\n"],
    [
      'DASH',
      '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash"></MPD>',
    ],
    ['SDP', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n'],
  ])('is no video, whatever it is called: %s', async (_, text) => {
    const path = await write('list.mp4', text)
    await expect(media.inspect(wholeOf(path))).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(media.makeThumbnail(wholeOf(path), join(folder, 'list.jpg'))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    await expect(media.decodeFrames({ source: wholeOf(path), indices: [0], size: 8 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  })
})

describe('limits', () => {
  it('end what has too many frames, too large ones, or takes too long', async () => {
    const held = (limits: Partial<Limits>) => openLimited(limits).inspect(wholeOf(good))
    await expect(held({ frames: 10 })).rejects.toThrow(/good\.mp4 has more than 10 frames/)
    await expect(held({ pixels: 1000 })).rejects.toThrow(/pixels/)
    const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=96x64', '-f', 'null', '-']
    await expect(runFfmpeg(endless, { file: 'a.mp4', limits: { seconds: 0.3 } })).rejects.toThrow(
      /a\.mp4 was not decoded within/,
    )
    await expect(
      runFfmpeg(endless, { file: 'a.mp4', countsFrames: true, limits: { secondsWithoutFrame: 0.3 } }),
    ).rejects.toThrow(/a\.mp4 gave no frame for/)
  })

  it('are far from what a clip needs', async () => {
    expect(await media.inspect(wholeOf(good))).toMatchObject({ frameCount: 25 })
  })
})

describe('what is no file', () => {
  it.skipIf(process.platform === 'win32')('is named without waiting for it', async () => {
    const pipe = join(folder, 'pipe.mp4')
    execFileSync('mkfifo', [pipe])
    const socket = join(folder, 'socket.mp4')
    const server = createServer().listen(socket)
    const loop = join(folder, 'loop.mp4')
    await symlink(loop, loop)
    const device = join(folder, 'device.mp4')
    await symlink('/dev/zero', device)
    const directory = join(folder, 'folder.mp4')
    await mkdir(directory)
    for (const [path, words] of [
      [pipe, /a pipe, a socket or a device/],
      [socket, /a pipe, a socket or a device/],
      [device, /a pipe, a socket or a device/],
      [loop, /leads back to itself/],
      [directory, /is a folder/],
      [join(folder, `${'n'.repeat(300)}.mp4`), /too long a name/],
      [join(good, 'a.mp4'), /leads through, a file/],
      [join(folder, 'gone.mp4'), /does not exist/],
    ] as const) {
      await expect(media.inspect(wholeOf(path))).rejects.toThrow(words)
      await expect(hashFile(path)).rejects.toThrow(words)
      await expect(media.decodeFrames({ source: wholeOf(path), indices: [0], size: 8 })).rejects.toThrow(
        words,
      )
    }
    server.close()
  })
})

describe('damage', () => {
  it('in the middle is told, and the rest is used', async () => {
    const whole = await readFile(
      await make('whole.ts', ['testsrc=duration=6:size=96x64'], [...H264, '-g', '20']),
    )
    const middle = PACKET * Math.floor(whole.length / PACKET / 2)
    const lost = await write(
      'lost.ts',
      Buffer.concat([whole.subarray(0, middle), whole.subarray(middle + PACKET)]),
    )
    expect(await media.inspect(wholeOf(lost))).toMatchObject({ damaged: true })
    expect((await media.inspect(wholeOf(lost))).frameCount).toBeGreaterThan(140)
    const indices = segmentStarts(140, 140)
    const { lost: frames } = await media.decodeFrames({ source: wholeOf(lost), indices, size: 8 })
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.length).toBeLessThan(25)
    // A recording begins and ends where it was switched on and off.
    const ended = await write('ended.ts', whole.subarray(0, middle + 50))
    expect(await media.inspect(wholeOf(ended))).toMatchObject({ width: 96 })
    const joined = await write('joined.ts', Buffer.concat([whole, whole]))
    expect((await media.inspect(wholeOf(joined))).frameCount).toBeGreaterThan(280)
  })

  it('that leaves too little is a reason to leave a clip out', async () => {
    const inputs = ['testsrc=duration=10:size=96x64:rate=10', 'sine=duration=10']
    const path = await make('sound.webm', inputs, ['-c:v', 'libvpx', '-c:a', 'libvorbis'])
    const bytes = await readFile(path)
    bytes.fill(0x5a, Math.floor(bytes.length / 2))
    const broken = await write('broken.webm', bytes)
    await expect(media.inspect(wholeOf(broken))).rejects.toThrow(
      /broken\.webm is damaged: [\d.]+ of its 10\.0 seconds/,
    )
  })

  it.each([
    ['avi', ['-c:v', 'mpeg4', '-c:a', 'mp3']],
    ['mkv', [...H264, '-c:a', 'aac']],
    ['mp4', [...H264, '-c:a', 'aac', '-movflags', '+faststart']],
    ['flv', ['-c:v', 'flv', '-c:a', 'mp3', '-ar', '44100']],
  ])('at the end is a clip that is cut off: %s with sound', async (extension, options) => {
    const inputs = ['testsrc2=duration=8:size=96x64:rate=25', 'sine=duration=8']
    const whole = await readFile(await make(`whole.${extension}`, inputs, options))
    const half = await write(`half.${extension}`, whole.subarray(0, whole.length / 2))
    await expect(media.inspect(wholeOf(half))).rejects.toThrow(/half\.\w+ is cut off/)
  })
})

it('a song with a cover is no video', async () => {
  const song = await make(
    'song.mp4',
    ['sine=duration=2', 'color=size=96x64:duration=0.04'],
    ['-map', '0', '-map', '1', '-c:a', 'aac', '-c:v', 'mjpeg', '-disposition:v:0', 'attached_pic'],
  )
  await expect(media.inspect(wholeOf(song))).rejects.toThrow(/no video stream/)
  await expect(media.makeThumbnail(wholeOf(song), join(folder, 'song.jpg'))).rejects.toThrow(
    /no video stream/,
  )
})

it('a thumbnail is a picture or nothing', async () => {
  const moved = await write('moved.mp4', '')
  await copyFile(good, moved)
  const picture = join(folder, 'moved.jpg')
  // A length that the file does not have: the seek finds nothing.
  await media.makeThumbnail(wholeOf(moved), picture)
  expect((await readFile(picture)).length).toBeGreaterThan(200)
})
