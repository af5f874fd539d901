/**
 * Local only: nine real clips from video file to caption. A captioner that may learn them by heart must be
 * able to, or something between the decoder of frames and the decoder of words is broken.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { decodeFrames, segmentStarts } from '../../../src-main/media/frames.ts'
import { probe } from '../../../src-main/media/probe.ts'
import { listening, tinySettings } from './tiny.ts'

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
  const captions = await readCaptions()
  const { descriptor, size } = await encoderHandlers['encoders.prepare']({ directory: folder }, listening())
  const clips: CaptionedClip[] = []
  for (const [id, file] of (await readdir(join(DATA, 'clips'))).sort().entries()) {
    const path = join(DATA, 'clips', file)
    const { frameCount } = await probe(path)
    const { frames, times } = await decodeFrames({ path, indices: segmentStarts(frameCount, FRAMES), size })
    const { features, dimension } = await encoderHandlers['encoders.encode'](
      { descriptor, frames, count: times.length, grid: 2 },
      listening(),
    )
    const npy = join(folder, `${id}.npy`)
    await writeFile(npy, encodeNpy([times.length, dimension], features))
    const captionsOfClip = captions.get(parse(file).name) ?? []
    expect(captionsOfClip.length, file).toBeGreaterThan(0)
    clips.push({ id, features: npy, topics: [id % 3], captions: captionsOfClip.slice(0, CAPTIONS) })
  }
  expect(clips).toHaveLength(9)

  const modelDir = join(folder, 'model')
  const settings = tinySettings({
    projection: 64,
    encoderSize: 64,
    keepFeatures: true,
    hiddenSize: 128,
    attentionSize: 64,
    embeddingSize: 64,
    topicHiddenSize: 32,
    dropout: 0,
    inputDropout: 0,
    learningRate: 5e-3,
    epochs: 60,
    batchClips: 9,
    captionsPerClip: 4,
    minWordCount: 2,
    maxWords: 20,
  })
  await captionerHandlers['captioner.train'](
    {
      kind: 'interpretive',
      settings,
      frames: FRAMES,
      topicCount: 3,
      train: clips,
      validation: clips,
      modelDir,
      runDir: join(folder, 'run'),
      resume: false,
      device: 'cpu',
      seed: 1,
    },
    listening(),
  )
  const generated = await captionerHandlers['captioner.caption'](
    { modelDir, clips, decoding: decoding.parse({}), device: 'cpu' },
    listening(),
  )
  const { metrics } = await metricHandlers['metrics.score'](
    {
      hypotheses: generated.captions.map(({ id, caption }) => ({ id: String(id), caption })),
      references: clips.map((clip) => ({ id: String(clip.id), captions: clip.captions })),
      tokenizer: 'words',
      bootstrap: null,
    },
    listening(),
  )
  console.log(`nine real clips: CIDEr ${metrics.CIDEr.toFixed(2)}, BLEU-4 ${metrics.BLEU_4.toFixed(2)}`)
  generated.captions.forEach(({ caption }) => {
    console.log(`  ${caption}`)
  })
  expect(metrics.CIDEr).toBeGreaterThan(1)
})
