/**
 * The two corpora that the method is tried on, made once into a folder and read from there after that.
 *
 * `sample`: the demo's rendered scenes with the built-in frame encoder's features; topics from all captions,
 * as the demo's.
 *
 * `msvd`: people's captions of MSVD's videos, without the videos. Every other caption of a clip is what its
 * features are made from: the share of these captions that has each word, projected at random, and noise. The
 * captions between them are what the model learns to say and is scored against, and what the topics come
 * from. So what is seen of a clip and what is said of it agree as far as two groups of people do.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO } from '../../../src-main/cli/commands/app/demo-settings.ts'
import { BUILT_IN_ENCODER, topicsRequest } from '#contract'
import { presetSettings } from '../../../src-main/common/presets.ts'
import type { CaptionerSettings, Split, TopicsRequest } from '#contract'
import type {
  CaptionedClip,
  EngineContext,
  FittedTopic,
} from '../../../src-main/engine-host/contract/index.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import type { Random } from '../../../src-main/common/random.ts'
import { topicHandlers } from '../../../src-main/engine/topics/index.ts'
import { writeFileAtomic } from '../../../src-main/formats/atomic.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { createMediaTools } from '../../../src-main/media/create.ts'
import { segmentStarts } from '../../../src-main/media/frames.ts'
import { mediaStarter } from '../../../src-main/media/process.ts'
import { renderSample } from '../../../src-main/media/sample/render.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import { mediaEntry } from '../../../src-main/paths.ts'

/** A captioned corpus with features and topics: all that the engine needs. */
export interface Corpus {
  name: 'sample' | 'msvd'
  /** n: frames that clips are padded to. */
  frames: number
  topics: FittedTopic[]
  clips: Record<Split, CaptionedClip[]>
  settings: CaptionerSettings
}

/** A corpus before topics are found in its captions. */
interface Material {
  frames: number
  clips: (Omit<CaptionedClip, 'topics'> & { split: Split })[]
}

/**
 * Of both corpora: the rendered scenes, the topics, the projections and noise. The seeds of training are
 * others.
 */
const SEED = 1
/** Words of the simulated features' vocabulary stand in at least this many training clips. */
const MIN_CLIPS = 3
const SIMULATED = {
  frames: 8,
  /** Components of a feature. */
  size: 256,
  /**
   * Noise of a clip, the same in all its frames, and of each frame: shares of the deviation over the clips.
   */
  clipNoise: 0.5,
  frameNoise: 0.2,
  /** Of the 1,200 clips of train.txt; val.txt is the validation split. */
  testClips: 200,
  topics: {
    k: 50,
    iterations: 500,
    minDocumentFrequency: 5,
    maxDocumentShare: 0.5,
    topicsPerClip: 3,
    minShare: 0.05,
  },
  // No words that the model can't learn to use, and of each training clip the first captions only: they are
  // many.
  training: { epochs: 12, minWordCount: 3 },
  trainingCaptions: 8,
} as const

/** Where a corpus is kept, and how it is made. */
export interface CorpusOptions {
  folder: string
  /** Passes of training over it; null: as many as are usual. */
  epochs: number | null
  context: EngineContext
  log: (line: string) => void
}

/** The sample corpus, rendered and encoded below the folder when it is not there yet. */
export async function sampleCorpus(options: CorpusOptions): Promise<Corpus> {
  const { folder, epochs, context } = options
  const material = await cached(join(folder, 'material.json'), () => renderMaterial(options))
  const { topics, clips } = await withTopics(material, DEMO.topics, folder, context)
  return {
    name: 'sample',
    frames: material.frames,
    topics,
    clips,
    settings: presetSettings(DEMO.training.preset, { epochs: epochs ?? DEMO.training.epochs }),
  }
}

async function renderMaterial({ folder, context, log }: CorpusOptions): Promise<Material> {
  const { signal } = context
  const directory = join(folder, 'rendered')
  log(`rendering ${DEMO.videos} clips`)
  const media = createMediaTools(mediaStarter(mediaEntry))
  const sample = await renderSample(media, { directory, videos: DEMO.videos, seed: SEED, signal })
  const splits = await readPairs(sample.split)
  const captions = grouped(await readPairs(sample.captions))
  log('computing their features')
  const encoder = await encoderHandlers['encoders.prepare'](
    { directory: join(folder, 'encoders'), id: BUILT_IN_ENCODER },
    context,
  )
  await mkdir(join(folder, 'features'), { recursive: true })
  const clips: Material['clips'] = []
  for (const [id, [name, split]] of splits.entries()) {
    const path = join(sample.clips, `${name}.mp4`)
    const source = wholeOf(path)
    const { frameCount } = await media.inspect(source, { signal })
    const indices = segmentStarts(frameCount, DEMO.features.frames)
    const { frames, times } = await media.decodeFrames({ source, indices, size: encoder.size }, { signal })
    const { features, dimension } = await encoderHandlers['encoders.encode'](
      {
        descriptor: encoder.descriptor,
        frames,
        count: times.length,
        grid: DEMO.features.grid,
        device: 'cpu',
      },
      context,
    )
    const to = join(folder, 'features', `${name}.npy`)
    await writeFile(to, encodeNpy([times.length, dimension], features))
    clips.push({ id, features: to, captions: captions.get(name) ?? [], split: split as Split })
  }
  await media.close()
  await rm(directory, { recursive: true })
  return { frames: DEMO.features.frames, clips }
}

/**
 * The corpus simulated from the captions of MSVD in a folder (train.txt, val.txt); null when they are not
 * there.
 */
export async function msvdCorpus(
  captionsFolder: string,
  { folder, epochs, context }: CorpusOptions,
): Promise<Corpus | null> {
  const files = { train: join(captionsFolder, 'train.txt'), val: join(captionsFolder, 'val.txt') }
  if (!existsSync(files.train) || !existsSync(files.val)) {
    return null
  }
  const material = await cached(join(folder, 'material.json'), async () =>
    simulate(folder, grouped(await readPairs(files.train)), grouped(await readPairs(files.val))),
  )
  const { topics, clips } = await withTopics(material, SIMULATED.topics, folder, context)
  const train = clips.train.map((clip) => ({
    ...clip,
    captions: clip.captions.slice(0, SIMULATED.trainingCaptions),
  }))
  const settings = presetSettings('fast', {
    ...SIMULATED.training,
    epochs: epochs ?? SIMULATED.training.epochs,
  })
  return { name: 'msvd', frames: material.frames, topics, clips: { ...clips, train }, settings }
}

/** A clip of MSVD: captions that its features are made from, and those that people are taken to say. */
interface SimulatedClip {
  name: string
  split: Split
  seen: string[]
  spoken: string[]
}

async function simulate(
  folder: string,
  train: ReadonlyMap<string, string[]>,
  validation: ReadonlyMap<string, string[]>,
): Promise<Material> {
  const { frames, size, clipNoise, frameNoise } = SIMULATED
  const clips = divideCaptions(train, validation)
  const random = createRandom(SEED)
  const projected = projectWords(clips, random)
  const deviations = Float32Array.from({ length: size }, (_, i) => deviation(projected.map((row) => row[i]!)))
  await mkdir(join(folder, 'features'), { recursive: true })
  const material: Material['clips'] = []
  for (const [id, { name, split, spoken }] of clips.entries()) {
    const noisy = projected[id]!.map((x, i) => x + clipNoise * deviations[i]! * random.normal())
    const features = Float32Array.from(
      { length: frames * size },
      (_, i) => noisy[i % size]! + frameNoise * deviations[i % size]! * random.normal(),
    )
    const to = join(folder, 'features', `${name}.npy`)
    await writeFile(to, encodeNpy([frames, size], features))
    material.push({ id, features: to, captions: spoken, split })
  }
  return { frames, clips: material }
}

/** The clips that have captions of both sorts. */
function divideCaptions(
  train: ReadonlyMap<string, string[]>,
  validation: ReadonlyMap<string, string[]>,
): SimulatedClip[] {
  const splitOf = (i: number): Split => {
    if (i >= train.size) {
      return 'val'
    }
    return i >= train.size - SIMULATED.testClips ? 'test' : 'train'
  }
  return [...train, ...validation]
    .map(([name, captions], i) => ({
      name,
      split: splitOf(i),
      seen: captions.filter((_, c) => c % 2 === 0),
      spoken: captions.filter((_, c) => c % 2 === 1),
    }))
    .filter(({ seen, spoken }) => seen.length > 0 && spoken.length > 0)
}

/** By clip, the words of its seen captions, by the share of the captions that have each, projected at random. */
function projectWords(clips: readonly SimulatedClip[], random: Random): Float32Array[] {
  const { size } = SIMULATED
  const bags = clips.map(({ seen }) => wordShares(seen))
  const inClips = new Map<string, number>()
  bags.forEach((bag, i) => {
    if (clips[i]?.split === 'train') {
      for (const word of bag.keys()) {
        inClips.set(word, (inClips.get(word) ?? 0) + 1)
      }
    }
  })
  const projection = new Map(
    [...inClips]
      .filter(([, count]) => count >= MIN_CLIPS)
      .map(([word]) => [word, Float32Array.from({ length: size }, () => random.normal() / Math.sqrt(size))]),
  )
  return bags.map((bag) => {
    const sum = new Float32Array(size)
    for (const [word, share] of bag) {
      projection.get(word)?.forEach((weight, i) => {
        sum[i]! += share * weight
      })
    }
    return sum
  })
}

/** By word, the share of captions that have it. */
function wordShares(captions: readonly string[]): Map<string, number> {
  const shares = new Map<string, number>()
  for (const caption of captions) {
    for (const word of new Set(tokenize(caption))) {
      shares.set(word, (shares.get(word) ?? 0) + 1 / captions.length)
    }
  }
  return shares
}

/** Finds the topics of all captions; each clip's are those that the binary rule sets. */
async function withTopics(
  { clips }: Material,
  request: TopicsRequest,
  folder: string,
  context: EngineContext,
): Promise<Pick<Corpus, 'topics' | 'clips'>> {
  const { topics, active } = await cached(join(folder, 'topics.json'), async () => {
    const documents = clips.map(({ id, captions }) => ({ id, captions }))
    const fitted = await topicHandlers['topics.fit'](
      { ...topicsRequest.parse({ ...request, seed: SEED }), documents },
      context,
    )
    return { topics: fitted.topics, active: fitted.assignments.map((assignment) => assignment.active) }
  })
  const labelled = clips.map((clip, i) => ({ ...clip, topics: active[i] ?? [] }))
  const ofSplit = (wanted: Split): CaptionedClip[] =>
    labelled.filter(({ split }) => split === wanted).map(({ split: _, ...clip }) => clip)
  return { topics, clips: { train: ofSplit('train'), val: ofSplit('val'), test: ofSplit('test') } }
}

/** What `make` gives, from the file where it has been made before. */
export async function cached<Made>(path: string, make: () => Promise<Made>): Promise<Made> {
  if (existsSync(path)) {
    return JSON.parse(await readFile(path, 'utf8')) as Made
  }
  const made = await make()
  await writeFileAtomic(path, Buffer.from(JSON.stringify(made)))
  return made
}

/** Lines of `a<TAB>b`. */
async function readPairs(path: string): Promise<[string, string][]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)])
}

function grouped(pairs: readonly [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [key, value] of pairs) {
    groups.set(key, [...(groups.get(key) ?? []), value])
  }
  return groups
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
}
