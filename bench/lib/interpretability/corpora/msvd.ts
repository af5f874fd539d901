/**
 * `msvd`: people's captions of MSVD's videos, without the videos: a simulation. Every other caption of a clip is what its
 * features are made from: the share of these captions that has each word, projected at random, and noise. The captions
 * between them are what the model learns to say and is scored against, and what the topics come from. So what is seen
 * of a clip and what is said of it agree as far as two groups of people do.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split } from '#contract'
import { createRandom } from '../../../../src-main/common/random.ts'
import type { Random } from '../../../../src-main/common/random.ts'
import { tokenize } from '../../../../src-main/common/tokenize.ts'
import { encodeNpy } from '../../../../src-main/formats/npy.ts'
import { cached, grouped, readPairs, SEED, withTopics } from './corpus.ts'
import type { Corpus, CorpusOptions, Material } from './corpus.ts'

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

/** The corpus simulated from `msvd/captions` (train.txt, val.txt) in the folder of data; null when it is not there. */
export async function msvdCorpus(
  dataFolder: string,
  { folder, context }: CorpusOptions,
): Promise<Corpus | null> {
  const captions = join(dataFolder, 'msvd', 'captions')
  const files = { train: join(captions, 'train.txt'), val: join(captions, 'val.txt') }
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
  return {
    name: 'msvd',
    frames: material.frames,
    topics,
    clips: { ...clips, train },
    cells: 1,
    truth: null,
    changes: SIMULATED.training,
  }
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
  return { frames, clips: material, truth: null }
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

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
}
