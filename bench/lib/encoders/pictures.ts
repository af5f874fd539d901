/**
 * Flickr8k's pictures and the words that people use of them (Hodosh, Young and Hockenmaier, "Framing image description
 * as a ranking task", JAIR 47, 2013).
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRandom } from '../../../src-main/common/random.ts'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { decodedSize } from '../../../src-main/engine/encoders/descriptor.ts'
import type { FrameInput } from '../../../src-main/engine/encoders/descriptor.ts'
import { bytesOfFrame } from '../../../src-main/engine/encoders/input.ts'
import { STOP_WORDS } from '../../../src-main/engine/topics/stop-words.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import type { MediaTools } from '../../../src-main/media/tools.ts'

/** A picture, and the words of all its captions but function words. */
export interface Picture {
  path: string
  words: ReadonlySet<string>
}

export interface Pictures {
  /** Of the training split: probes are fitted on these. */
  fit: Picture[]
  /** The validation split: encoders and settings are chosen by these. */
  validation: Picture[]
  /** Of the training split too, and disjoint from `fit`: looked at when all is chosen. */
  test: Picture[]
}

const SEED = 1

/** Reads `folder` (images, captions.tsv, split.tsv); null when it is not there. */
export async function readPictures(
  folder: string,
  { fit, test }: { fit: number; test: number },
): Promise<Pictures | null> {
  if (!existsSync(join(folder, 'split.tsv'))) {
    return null
  }
  const words = new Map<string, Set<string>>()
  for (const [id, caption] of await readPairs(join(folder, 'captions.tsv'))) {
    const known = words.get(id) ?? new Set()
    words.set(id, known)
    tokenize(caption)
      .filter((word) => !STOP_WORDS.has(word))
      .forEach((word) => known.add(word))
  }
  const ofSplit = async (wanted: string): Promise<Picture[]> =>
    (await readPairs(join(folder, 'split.tsv')))
      .filter(([, split]) => split === wanted)
      .map(([id]) => ({ path: join(folder, 'images', `${id}.jpg`), words: words.get(id) ?? new Set() }))
  const train = createRandom(SEED).shuffle(await ofSplit('train'))
  return {
    fit: train.slice(0, fit),
    validation: await ofSplit('val'),
    test: train.slice(train.length - test),
  }
}

/** RGB bytes [pictures, height, width, 3], squashed to the size that an encoder is fed with. */
export async function decodePictures(
  media: MediaTools,
  pictures: readonly Picture[],
  input: FrameInput,
): Promise<Uint8Array> {
  const size = { ...decodedSize(input), fit: 'squash' } as const
  const decoded = await Promise.all(
    pictures.map(({ path }) => media.decodeFrames({ source: wholeOf(path), indices: [0], size })),
  )
  const frames = new Uint8Array(pictures.length * bytesOfFrame(input))
  decoded.forEach((picture, i) => {
    frames.set(picture.frames, i * bytesOfFrame(input))
  })
  return frames
}

/** Lines of `a<TAB>b`. */
async function readPairs(path: string): Promise<[string, string][]> {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line !== '')
  return lines.map((line) => {
    const [id = '', value = ''] = line.split('\t')
    return [id, value]
  })
}
