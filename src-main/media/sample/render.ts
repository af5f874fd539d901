/**
 * Renders the sample corpus: scenes are designed here, drawn and encoded where media is. The same seed and FFmpeg
 * give the same bytes.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PAIRS_FILE } from '../../common/action-titles.ts'
import { CancelledError } from '../../common/failures.ts'
import { createRandom } from '../../common/random.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import { failures } from '../failures.ts'
import type { MediaTools } from '../tools.ts'
import { describeScene } from './captions.ts'
import { designActions, designScenes, REVERSALS, takeOf } from './scene.ts'
import { truthOf } from './truth.ts'

export interface SampleOptions {
  directory: string
  /** Clips of the captioned corpus; the action clips come on top. */
  videos: number
  seed: number
  /** Clips rendered at a time. */
  concurrency?: number
  signal?: AbortSignal | undefined
  /** Clips done, of all clips. */
  progress?: (done: number, total: number) => void
}

export interface Sample {
  /** Paths of what was written. */
  clips: string
  captions: string
  split: string
  truth: string
  actions: string
  videos: number
  captionCount: number
  actionClips: number
}

/**
 * Written first: the mark of a folder that may be replaced. The captions come last, when every clip is whole.
 */
const SCENES = 'scenes.json'
const GENERATOR = 'vitrine sample'
const TRUTH = 'truth.tsv'
const PARTS = ['captions.tsv', 'split.tsv', TRUTH, 'clips', 'actions', SCENES]

/**
 * Renders a captioned corpus into `directory`:
 *
 *     clips/clip0001.mp4 ...     320x240, 25 frames a second, 2 to 4 seconds
 *     captions.tsv               id<TAB>caption, 8 to 12 lines a clip
 *     split.tsv                  id<TAB>train|val|test, 60, 10 and 30 per cent
 *     truth.tsv                  id<TAB>concept<TAB>from<TAB>to: what a clip shows, and when, in seconds
 *     actions/CLASS/v_CLASS_g01_c01.mp4   clips by motion, in looks that the corpus does not have
 *     actions/pairs.tsv                   class<TAB>class: those that differ in time's direction alone
 *     scenes.json                what each clip shows, and which captions are careless, for debugging
 *
 * A sample that is there already is replaced. Throws VitrineError BAD_INPUT when the directory holds anything
 * else, TOOL_MISSING without an ffmpeg that has libx264, DISK_FULL; CancelledError on abort, which leaves
 * whole clips only.
 */
export async function renderSample(media: MediaTools, options: SampleOptions): Promise<Sample> {
  const { directory, videos, seed, concurrency = 2, signal, progress } = options
  await prepareFolder(directory)
  const random = createRandom(seed)
  const scenes = designScenes(videos, random.fork())
  const captioned = scenes.map((scene) => ({ ...scene, captions: describeScene(scene, random.fork()) }))
  const actionGroups = Math.max(2, Math.min(10, Math.round(videos / 24)))
  const actions = designActions(actionGroups, random.fork())
  const paths = {
    clips: join(directory, 'clips'),
    captions: join(directory, 'captions.tsv'),
    split: join(directory, 'split.tsv'),
    truth: join(directory, TRUTH),
    actions: join(directory, 'actions'),
  }
  const filmed = scenes.map((scene) => ({ scene, seed: random.uint32() }))
  const groupSeeds = Array.from({ length: actionGroups }, () => random.uint32())
  const clips = [
    ...filmed.map(({ scene, seed: drawnWith }) => ({
      path: join(paths.clips, `${scene.id}.mp4`),
      take: takeOf(scene),
      seed: drawnWith,
    })),
    ...actions.map((action) => ({
      path: join(paths.actions, action.class, `${action.name}.mp4`),
      take: action.take,
      seed: groupSeeds[action.group - 1]!,
    })),
  ]
  await writeFileAtomic(
    join(directory, SCENES),
    `${JSON.stringify({ generator: GENERATOR, seed, scenes: captioned, actions })}\n`,
  )
  for (const folder of [paths.clips, ...actions.map((action) => join(paths.actions, action.class))]) {
    await makeFolder(folder)
  }

  let done = 0
  progress?.(done, clips.length)
  await inParallel(clips, concurrency, async (clip) => {
    await media.renderTake(clip.take, clip.seed, clip.path, { signal })
    progress?.(++done, clips.length)
  })
  await writeFileAtomic(
    paths.captions,
    captioned.flatMap(({ id, captions }) => captions.map(({ text }) => `${id}\t${text}\n`)).join(''),
  )
  await writeFileAtomic(
    paths.truth,
    filmed
      .flatMap(({ scene, seed: drawnWith }) =>
        truthOf(scene, drawnWith).map(
          ({ concept, from, to }) => `${scene.id}\t${concept}\t${from.toFixed(2)}\t${to.toFixed(2)}\n`,
        ),
      )
      .join(''),
  )
  await writeFileAtomic(
    join(paths.actions, PAIRS_FILE),
    REVERSALS.map((pair) => `${pair.join('\t')}\n`).join(''),
  )
  await writeFileAtomic(paths.split, scenes.map(({ id, split }) => `${id}\t${split}\n`).join(''))
  const captionCount = captioned.reduce((sum, { captions }) => sum + captions.length, 0)
  return { ...paths, videos, captionCount, actionClips: actions.length }
}

/** Empties the folder of an older sample, whole or begun; refuses one that holds anything else. */
async function prepareFolder(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => null)
  if (stats && !stats.isDirectory()) {
    throw failures.sampleInFile({ folder: directory })
  }
  await makeFolder(directory)
  const names = (await readdir(directory)).filter((name) => !/^\..*\.tmp$/.test(name))
  if (names.length === 0) {
    return
  }
  const stranger = (await isSample(directory)) ? names.find((name) => !PARTS.includes(name)) : names[0]
  if (stranger !== undefined) {
    throw failures.sampleFolderTaken({ folder: directory, name: stranger })
  }
  for (const part of PARTS) {
    await rm(join(directory, part), { recursive: true, force: true })
  }
}

async function isSample(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, SCENES), 'utf8').catch(() => '')
  return text.startsWith(`{"generator":"${GENERATOR}"`)
}

/**
 * Runs a task for each of `inputs`, at most `limit` at a time. The first failure ends it, once what is under
 * way has ended.
 */
async function inParallel<Input>(
  inputs: readonly Input[],
  limit: number,
  task: (input: Input) => Promise<void>,
): Promise<void> {
  const queue = inputs.values()
  let failed = false
  const work = async (): Promise<void> => {
    for (const input of queue) {
      if (failed) {
        return
      }
      try {
        await task(input)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, work))
  const errors = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  )
  const first = errors.find((error) => !(error instanceof CancelledError)) ?? errors[0]
  if (first !== undefined) {
    throw first
  }
}
