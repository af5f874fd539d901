/**
 * How fast media is: reading containers, an import, decoding, the network, and features, which are both together, with
 * their ratios from the same run; against starting the ffmpeg program for each clip; and the most memory of a media
 * process after a tenth of the clips and after all of them.
 *
 *   npm run bench -- media        (in the environment: CLIPS=1000, so many; FOLDER=..., copies of the mp4 files there)
 */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILT_IN_ENCODER } from '#contract'
import type { Client } from '#contract'
import { createEngineClient } from '../src-main/engine-host/client.ts'
import { startNodeEngine } from '../src-main/engine-host/process.ts'
import { createMediaTools } from '../src-main/media/create.ts'
import { segmentStarts } from '../src-main/media/frames.ts'
import type { FrameSize } from '../src-main/media/frame-size.ts'
import { LIMITS } from '../src-main/media/limits.ts'
import { mediaStarter } from '../src-main/media/process.ts'
import { createProgramTools } from '../src-main/media/program/tools.ts'
import { renderSample } from '../src-main/media/sample/render.ts'
import { wholeOf } from '../src-main/media/source.ts'
import type { MediaTools } from '../src-main/media/tools.ts'
import { engineEntry, mediaEntry } from '../src-main/paths.ts'
import { printMachine } from './lib/machine.ts'
import { clientOf, clipName, startApplication } from './lib/project.ts'
import { figure, percent, printTable } from './lib/table.ts'

const CLIPS = Number(process.env['CLIPS'] ?? 400)
/** Clips that are different pictures; the others are copies with other bytes at their end. */
const ORIGINALS = 24
/** Clips that the slow ways are measured on. */
const FEW = Math.min(40, CLIPS)
const FRAMES = 28

/** Writes the clips: each has content of its own, so that nothing is read once for two. */
async function writeClips(media: MediaTools, folder: string): Promise<string[]> {
  const originals = process.env['FOLDER'] ?? (await renderOriginals(media, join(folder, 'sample')))
  const names = (await readdir(originals)).filter((name) => name.endsWith('.mp4')).slice(0, ORIGINALS)
  const videos = await Promise.all(names.map((name) => readFile(join(originals, name))))
  await mkdir(join(folder, 'clips'))
  const paths: string[] = []
  for (let clip = 0; clip < CLIPS; clip++) {
    const path = join(folder, 'clips', `${clipName(clip)}.mp4`)
    await writeFile(path, Buffer.concat([videos[clip % videos.length]!, freeBox(clip)]))
    paths.push(path)
  }
  return paths
}

async function renderOriginals(media: MediaTools, directory: string): Promise<string> {
  const { clips } = await renderSample(media, { directory, videos: ORIGINALS, seed: 1 })
  return clips
}

/** A box of an mp4 file that players pass over. */
function freeBox(content: number): Buffer {
  const box = Buffer.alloc(16)
  box.writeUInt32BE(box.length, 0)
  box.write('free', 4, 'latin1')
  box.writeDoubleBE(content, 8)
  return box
}

/** Clips a second, with as many at a time as the machine has cores. */
async function clipsPerSecond(
  paths: readonly string[],
  work: (path: string, clip: number) => Promise<unknown>,
): Promise<number> {
  const queue = paths.entries()
  const began = performance.now()
  const workOff = async (): Promise<void> => {
    for (const [clip, path] of queue) {
      await work(path, clip)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, workOff))
  return (1000 * paths.length) / (performance.now() - began)
}

/** The most that a media process of this one has taken so far, in bytes; null where the system does not say. */
function memoryOfProcesses(): number | null {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
      .trim()
      .split(' ')
    const peaks = children.flatMap((pid) => {
      const isMedia = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('media-process')
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      return isMedia && peak !== undefined ? [1024 * Number(peak)] : []
    })
    return Math.max(...peaks)
  } catch {
    return null
  }
}

const decodeWith = (media: MediaTools, size: FrameSize) => async (path: string) => {
  const source = wholeOf(path)
  const { frameCount } = await media.inspect(source)
  return media.decodeFrames({ source, indices: segmentStarts(frameCount, FRAMES), size })
}

/** Runs a job to its end; returns the clips a second. */
async function timedJob(client: Client, start: () => Promise<{ jobId: number }>): Promise<number> {
  const began = performance.now()
  const job = await client.jobs.finished(await start())
  if (job.state !== 'done') {
    throw new Error(`${job.title}: ${job.state}`)
  }
  console.log(`  ${job.summary}`)
  return (1000 * CLIPS) / (performance.now() - began)
}

/** Clips a second of an import and of the features of its clips, by the services that the window calls. */
async function measureProject(folder: string): Promise<{ imported: number; features: number }> {
  const application = startApplication(folder)
  try {
    const client = clientOf(application)
    const captions = join(folder, 'captions.tsv')
    const lines = Array.from({ length: CLIPS }, (_, clip) => `${clipName(clip)}\ta shape moves\n`)
    await writeFile(captions, lines.join(''))
    await client.project.create({ path: join(folder, 'a.vitrine') })
    const imported = await timedJob(client, () =>
      client.corpus.import({ videos: join(folder, 'clips'), captions }),
    )
    const features = await timedJob(client, () => client.corpus.computeFeatures({ frames: FRAMES }))
    return { imported, features }
  } finally {
    await application.close()
  }
}

/** Clips a second of the built-in encoder alone, on frames in memory. */
async function measureNetwork(media: MediaTools, folder: string, path: string): Promise<number> {
  const engine = createEngineClient(() => startNodeEngine(engineEntry))
  try {
    const directory = join(folder, 'home', 'encoders')
    await mkdir(directory, { recursive: true })
    const { descriptor, size } = await engine.call('encoders.prepare', {
      directory,
      id: BUILT_IN_ENCODER,
    })
    const { frames, times } = await decodeWith(media, size)(path)
    const params = { descriptor, frames, count: times.length, grid: 1 as const, device: 'cpu' }
    await engine.call('encoders.encode', params)
    const began = performance.now()
    for (let clip = 0; clip < FEW; clip++) {
      await engine.call('encoders.encode', params)
    }
    return (1000 * FEW) / (performance.now() - began)
  } finally {
    await engine.close()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-media-'))
const media = createMediaTools(mediaStarter(mediaEntry))
const program = createProgramTools(LIMITS)
try {
  printMachine()
  const { from, version } = await media.describe()
  const paths = await writeClips(media, folder)
  const few = paths.slice(0, FEW)
  console.log(`${figure(CLIPS)} clips; FFmpeg ${version} in ${from}; ${FRAMES} frames of 224 x 224 a clip\n`)
  const read = await clipsPerSecond(paths, (path) => media.inspect(wholeOf(path)))
  const readByProgram = await clipsPerSecond(few, (path) => program.inspect(wholeOf(path)))
  const tenth = paths.slice(0, Math.ceil(CLIPS / 10))
  await clipsPerSecond(tenth, decodeWith(media, 224))
  const memoryOfTenth = memoryOfProcesses()
  const decoded = await clipsPerSecond(paths, decodeWith(media, 224))
  const memory = memoryOfProcesses()
  const decodedByProgram = await clipsPerSecond(few, decodeWith(program, 224))
  const network = await measureNetwork(media, folder, paths[0]!)
  const { imported, features } = await measureProject(folder)
  console.log()
  printTable(
    ['', 'clips/s', 'against the program'],
    [
      ['reading containers', figure(read, 1), `${figure(read / readByProgram, 1)} times`],
      ['  by the program, which decodes', figure(readByProgram, 1), ''],
      ['import', figure(imported, 1), `${figure(imported / readByProgram, 1)} times`],
      ['decoding', figure(decoded, 1), `${figure(decoded / decodedByProgram, 1)} times`],
      ['  by the program', figure(decodedByProgram, 1), ''],
      ['network', figure(network, 1), ''],
      ['features', figure(features, 1), ''],
    ],
  )
  const slower = Math.min(decoded, network)
  console.log(`\nFeatures: ${percent(features / slower)} of the slower of decoding and network (goal: 80%)`)
  if (memory !== null && memoryOfTenth !== null) {
    const [before, after] = [memoryOfTenth, memory].map((bytes) => figure(bytes / 2 ** 20))
    console.log(
      `Memory of a media process at most: ${before} MB after a tenth of the clips, ${after} MB at the end`,
    )
  }
} finally {
  await media.close()
  await rm(folder, { recursive: true })
}
