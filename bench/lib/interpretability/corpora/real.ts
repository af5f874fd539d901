/**
 * Real features and real language, from a folder of public data that is not part of Vitrine. Of either corpus a part of
 * the training clips is its test split: looked at once all is chosen on validation.
 *
 * `flickr8k`: pictures with five captions each (Hodosh, Young and Hockenmaier, JAIR 47, 2013), as clips of one
 * frame, seen by a built-in encoder.
 *
 * `msrvtt`: 800 of MSR-VTT's videos (Xu et al., CVPR 2016) with 20 captions each, as 50 frames' features that another
 * program computed.
 */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split, TopicsRequest } from '#contract'
import { featuresOfFrame } from '../../../../src-main/common/cells.ts'
import { createRandom } from '../../../../src-main/common/random.ts'
import { encoderHandlers } from '../../../../src-main/engine/encoders/index.ts'
import { encodeNpy } from '../../../../src-main/formats/npy.ts'
import { createMediaTools } from '../../../../src-main/media/create.ts'
import { mediaStarter } from '../../../../src-main/media/process.ts'
import { wholeOf } from '../../../../src-main/media/source.ts'
import { mediaEntry } from '../../../../src-main/paths.ts'
import { cached, grouped, readPairs, SEED, withTopics } from './corpus.ts'
import type { Corpus, CorpusName, CorpusOptions, Material, MaterialClip } from './corpus.ts'

/** Of the built-in encoders the one that sees more of real pictures (docs/encoders.md). */
const ENCODER = 'centernet-mobilenetv3'
/** Pictures that are decoded and encoded at a time. */
const AT_ONCE = 64

/** Pictures are seen as they are where nothing else is said: as a whole, and in 2 x 2 cells, which are no frames. */
const SEEN = { grid: 2, cells: 2 } as const
const FEATURES = featuresOfFrame(SEEN.cells)
const FLICKR8K = {
  testClips: 1000,
  frames: FEATURES,
  cells: SEEN.cells,
  topics: { k: 100, topicsPerClip: 5 },
} as const
const MSRVTT = { testClips: 100, frames: 50, cells: 1, topics: { k: 50, topicsPerClip: 8 } } as const

/** Flickr8k in the folder of data; null when it is not there. */
export async function flickr8kCorpus(dataFolder: string, options: CorpusOptions): Promise<Corpus | null> {
  const source = join(dataFolder, 'flickr8k')
  return realCorpus('flickr8k', source, { ...FLICKR8K, ...options }, (names) =>
    encodePictures(
      names.map((name) => ({ name, path: join(source, 'images', `${name}.jpg`) })),
      options,
    ),
  )
}

/** The features of MSR-VTT in the folder of data; null when they are not there. */
export async function msrvttCorpus(dataFolder: string, options: CorpusOptions): Promise<Corpus | null> {
  const source = join(dataFolder, 'msrvtt')
  const featuresOf = (name: string): string => join(source, 'features', `${name}.npy`)
  return realCorpus('msrvtt', source, { ...MSRVTT, ...options }, (names) =>
    Promise.resolve(new Map(names.map((name) => [name, featuresOf(name)]))),
  )
}

interface RealOptions extends CorpusOptions {
  testClips: number
  frames: number
  cells: number
  topics: TopicsRequest
}

/**
 * The corpus of captions.tsv and split.tsv in a folder. `featuresOf` gives the feature file of each clip by its
 * name.
 */
async function realCorpus(
  name: CorpusName,
  source: string,
  { folder, context, testClips, frames, cells, topics: request }: RealOptions,
  featuresOf: (names: string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<Corpus | null> {
  if (!existsSync(join(source, 'split.tsv'))) {
    return null
  }
  const material = await cached(join(folder, 'material.json'), async (): Promise<Material> => {
    const captions = grouped(await readPairs(join(source, 'captions.tsv')))
    const splits = await splitsWithTest(join(source, 'split.tsv'), testClips)
    const features = await featuresOf([...splits.keys()])
    const clips = [...splits].map(([clip, split], id): MaterialClip => ({
      id,
      features: features.get(clip)!,
      captions: captions.get(clip) ?? [],
      split,
    }))
    return { frames, clips, truth: null }
  })
  const { topics, clips } = await withTopics(material, request, folder, context)
  return { name, frames, topics, clips, cells, truth: null, changes: {} }
}

/** By clip, its split; some of the training clips are test clips. */
async function splitsWithTest(path: string, testClips: number): Promise<Map<string, Split>> {
  const splits = new Map((await readPairs(path)) as [string, Split][])
  const training = [...splits].filter(([, split]) => split === 'train').map(([clip]) => clip)
  for (const clip of createRandom(SEED).shuffle(training).slice(0, testClips)) {
    splits.set(clip, 'test')
  }
  return splits
}

/** Writes the features of pictures below the folder; gives the files by name. */
async function encodePictures(
  pictures: readonly { name: string; path: string }[],
  { folder, context, log }: CorpusOptions,
): Promise<Map<string, string>> {
  log(`computing the features of ${pictures.length} pictures`)
  const media = createMediaTools(mediaStarter(mediaEntry))
  try {
    const { descriptor, size } = await encoderHandlers['encoders.prepare'](
      { directory: join(folder, 'encoders'), id: ENCODER },
      context,
    )
    await mkdir(join(folder, 'features'), { recursive: true })
    const files = new Map<string, string>()
    for (let start = 0; start < pictures.length; start += AT_ONCE) {
      const part = pictures.slice(start, start + AT_ONCE)
      const decoded = await Promise.all(
        part.map(({ path }) => media.decodeFrames({ source: wholeOf(path), indices: [0], size })),
      )
      const { features, dimension } = await encoderHandlers['encoders.encode'](
        {
          descriptor,
          frames: Buffer.concat(decoded.map(({ frames }) => frames)),
          count: part.length,
          ...SEEN,
          device: 'cpu',
        },
        context,
      )
      for (const [i, { name }] of part.entries()) {
        const file = join(folder, 'features', `${name}.npy`)
        const values = FEATURES * dimension
        const ofPicture = features.slice(i * values, (i + 1) * values)
        await writeFile(file, encodeNpy([FEATURES, dimension], ofPicture))
        files.set(name, file)
      }
    }
    return files
  } finally {
    await media.close()
  }
}
