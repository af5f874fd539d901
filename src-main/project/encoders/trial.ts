/**
 * Trying an encoder: how fast it is on each device; how frames of the open project look to it; and which clips it takes
 * for alike, which says at a glance whether its colours and its sizes are right. What came of it lies beside the encoder.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EncoderTest } from '#contract'
import { encoderTest } from '#contract'
import { CancelledError } from '../../common/failures.ts'
import { isAboutOneFile } from '../../common/files/file-errors.ts'
import { sideBySide } from '../../common/pictures.ts'
import { count } from '../../common/text.ts'
import type { EngineResult, PreparedEncoder } from '../../engine-host/contract/index.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodePng } from '../../formats/png.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { MediaTools } from '../../media/tools.ts'
import { absolutePath } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import type { Workspace } from '../workspace.ts'
import { measureSpeeds } from './devices.ts'
import { encodersFolder } from './folder.ts'

/** Clips that are looked at, those that are shown, and those whose neighbours are listed. */
const CLIPS = 32
const SHOWN = 8
const ASKED = 4
const NEIGHBOURS = 3

const RESULT = 'test.json'
const PICTURE = 'test.png'

/** Tries an encoder; with a project, on some of its clips, too. */
export async function tryEncoder(
  workspace: Workspace,
  project: OpenProject | null,
  { id, context }: { id: string; context: JobContext },
): Promise<JobOutcome> {
  const { signal, progress } = context
  progress({ phase: 'preparing the frame encoder', done: 0, total: null, unit: 'encoders' })
  const encoder = await workspace.engine.call(
    'encoders.prepare',
    { directory: encodersFolder(workspace), id },
    { signal },
  )
  const devices = await measureSpeeds(workspace, encoder, context)
  const fastest = devices[0]?.frameMs == null ? null : devices[0]
  const middles = project === null ? [] : await middleFrames(workspace.media, project, encoder, context)
  const seen =
    fastest === null ? null : await encode(workspace, encoder, { middles, device: fastest.device, signal })
  const folder = dirname(encoder.descriptor)
  const test: EncoderTest = {
    at: new Date().toISOString(),
    dimension: encoder.grids[0]?.dimension ?? 0,
    devices,
    clips: middles.slice(0, SHOWN).map(({ clip }) => clip),
    neighbours: seen === null ? [] : neighboursOf(middles, seen),
    picture: middles.length === 0 ? null : await draw(workspace, encoder, middles.slice(0, SHOWN)),
  }
  await writeFileAtomic(join(folder, RESULT), JSON.stringify(test, null, 2) + '\n')
  const speed =
    fastest?.frameMs == null
      ? 'no device runs it'
      : `${fastest.frameMs.toFixed(1)} ms a frame on ${fastest.device}`
  return {
    result: { kind: 'encoder', encoder: id },
    summary: `${encoder.title}: ${speed}; ${count(test.dimension, 'value')} a frame, tried on ${count(middles.length, 'clip')}.`,
  }
}

interface MiddleFrame {
  clip: string
  frame: Uint8Array
}

/** The frame in the middle of some clips, from all over the project; those that can't be read are left out. */
async function middleFrames(
  media: MediaTools,
  { folder, store }: OpenProject,
  { size }: PreparedEncoder,
  { signal, progress, notice }: JobContext,
): Promise<MiddleFrame[]> {
  const clips = store.clips.all().map(({ id }) => store.clips.get(id))
  const readable = clips.filter(({ path, frameCount }) => path !== null && frameCount !== null)
  const chosen = evenly(readable, CLIPS)
  const middles: MiddleFrame[] = []
  for (const { name, path, start, end, frameCount } of chosen) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    progress({ phase: 'decoding clips', done: middles.length, total: chosen.length, unit: 'clips' })
    try {
      const indices = [Math.floor((frameCount ?? 0) / 2)]
      const source = { path: absolutePath(folder, path ?? ''), start, end }
      const { frames } = await media.decodeFrames({ source, indices, size }, { signal })
      middles.push({ clip: name, frame: frames })
    } catch (error) {
      if (!isAboutOneFile(error)) {
        throw error
      }
      notice(`Left out: ${error.message}`)
    }
  }
  return middles
}

/** At most `most` of a list, from all over it. */
const evenly = <Member>(list: readonly Member[], most: number): Member[] =>
  list.length <= most
    ? [...list]
    : Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!)

const joined = (middles: readonly MiddleFrame[]): Uint8Array =>
  Buffer.concat(middles.map(({ frame }) => frame))

async function encode(
  { engine }: Workspace,
  { descriptor, grids, stack }: PreparedEncoder,
  { middles, device, signal }: { middles: readonly MiddleFrame[]; device: string; signal: AbortSignal },
): Promise<EngineResult<'encoders.encode'>> {
  const grid = grids[0]?.grid ?? 1
  // A clip encoder sees a still of each clip.
  const stacks = stack && middles.map((_, place) => new Array<number>(stack.length).fill(place))
  return engine.call(
    'encoders.encode',
    { descriptor, frames: joined(middles), count: middles.length, stacks, grid, device },
    { signal },
  )
}

/** For some of the clips, those whose vectors point the same way. */
function neighboursOf(
  middles: readonly MiddleFrame[],
  { features, dimension }: EngineResult<'encoders.encode'>,
): EncoderTest['neighbours'] {
  const vectors = middles.map(({ clip }, place) => ({
    clip,
    direction: unitVector(features.subarray(place * dimension, (place + 1) * dimension)),
  }))
  return evenly(vectors, ASKED).map((middle) => ({
    clip: middle.clip,
    nearest: vectors
      .filter((other) => other !== middle)
      .map((other) => ({ clip: other.clip, likeness: dot(middle.direction, other.direction) }))
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, NEIGHBOURS),
  }))
}

function unitVector(values: Float32Array): Float32Array {
  const length = Math.sqrt(dot(values, values))
  return length === 0 ? values : values.map((value) => value / length)
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

/** Draws frames as the network gets them, side by side; returns the picture's path. */
async function draw(
  { engine }: Workspace,
  { descriptor }: PreparedEncoder,
  middles: readonly MiddleFrame[],
): Promise<string> {
  const { pictures, width, height } = await engine.call('encoders.look', {
    descriptor,
    frames: joined(middles),
    count: middles.length,
  })
  const path = join(dirname(descriptor), PICTURE)
  await writeFileAtomic(path, encodePng(sideBySide(pictures, width, height), width * middles.length, height))
  return path
}

/** What came of the last test of an encoder, with its picture; null: it was not tried, or what was kept can't be read. */
export async function lastTrial(
  workspace: Workspace,
  id: string,
): Promise<(EncoderTest & { pictureUrl: string | null }) | null> {
  const folder = join(encodersFolder(workspace), id)
  try {
    const test = encoderTest.parse(JSON.parse(await readFile(join(folder, RESULT), 'utf8')))
    const picture = test.picture === null ? null : await readFile(join(folder, PICTURE), 'base64')
    return { ...test, pictureUrl: picture === null ? null : `data:image/png;base64,${picture}` }
  } catch {
    return null
  }
}
