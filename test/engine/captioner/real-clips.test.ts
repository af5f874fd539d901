/** Local only: nine real clips, from video file to caption. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { learnByHeart } from './by-heart.ts'

const DATA = resolve('../shared/data/msvd')
const FRAMES = 28
/** Captions of a clip that are learnt, of the forty or so that there are. */
const CAPTIONS = 16

/** Captions by clip, from the files `id<TAB>caption`. */
async function readCaptions(): Promise<Map<string, string[]>> {
  const captions = new Map<string, string[]>()
  for (const file of ['train.txt', 'val.txt']) {
    for (const line of String(await readFile(join(DATA, 'captions', file))).split('\n')) {
      const [id = '', caption] = line.trim().split('\t')
      if (caption) {
        captions.set(id, [...(captions.get(id) ?? []), caption])
      }
    }
  }
  return captions
}

it('learns nine real clips by heart', { timeout: 240_000 }, async (context) => {
  context.skip(!existsSync(join(DATA, 'clips')), `the clips are not here: ${DATA}`)
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-real-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const captionsOfClips = await readCaptions()
  const videos = (await readdir(join(DATA, 'clips'))).sort().map((file) => ({
    path: join(DATA, 'clips', file),
    captions: (captionsOfClips.get(parse(file).name) ?? []).slice(0, CAPTIONS),
  }))
  expect(videos).toHaveLength(9)
  expect(videos.filter(({ captions }) => captions.length === 0)).toEqual([])

  const { metrics, captions } = await learnByHeart({
    folder,
    videos,
    frames: FRAMES,
    settings: {
      projection: 64,
      encoderSize: 64,
      hiddenSize: 128,
      attentionSize: 64,
      embeddingSize: 64,
      topicHiddenSize: 32,
      learningRate: 5e-3,
      epochs: 60,
      captionsPerClip: 4,
      minWordCount: 2,
      maxWords: 20,
    },
  })
  console.log(`nine real clips: CIDEr ${metrics.CIDEr.toFixed(2)}, BLEU-4 ${metrics.BLEU_4.toFixed(2)}`)
  for (const caption of captions) {
    console.log(`  ${caption}`)
  }
  expect(metrics.CIDEr).toBeGreaterThan(1)
})
