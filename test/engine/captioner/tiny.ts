/**
 * A corpus that a tiny captioner learns in seconds: twelve clips, their features say which of four sentences
 * (and topics) fits. Clips 0, 4 and 8 show sentence 0, clips 1, 5 and 9 sentence 1, and so on.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { captionerSettings } from '#contract'
import type { CaptionerSettings } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import type {
  CaptionedClip,
  EngineContext,
  EngineParams,
  EngineProgress,
} from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'

export const FRAMES = 6
export const FEATURES = 8
export const SENTENCES = [
  'a man is cutting a tomato',
  'two dogs run along the beach',
  'the girl plays her piano',
  'some cars race on wet roads',
] as const
export const sentenceOf = ({ id }: { id: number }): string => SENTENCES[id % SENTENCES.length] ?? ''

/** Settings of a network that trains in a second or two; `change` overrides. */
export const tinySettings = (change: Partial<CaptionerSettings> = {}): CaptionerSettings => ({
  ...captionerSettings.parse({}),
  projection: 0,
  encoderSize: 8,
  hiddenSize: 16,
  attentionSize: 8,
  embeddingSize: 12,
  topicHiddenSize: 16,
  keepFeatures: false,
  inputDropout: 0.1,
  dropout: 0.1,
  learningRate: 0.02,
  batchClips: 4,
  captionsPerClip: 2,
  epochs: 48,
  maxWords: 10,
  ...change,
})

/** Writes the clips' features (4 to 6 frames) into `folder` and returns the clips. */
export async function writeCorpus(folder: string): Promise<CaptionedClip[]> {
  await mkdir(folder, { recursive: true })
  const random = createRandom(3)
  return Promise.all(
    Array.from({ length: 12 }, async (_, id): Promise<CaptionedClip> => {
      const features = join(folder, `${id}.npy`)
      const shown = id % SENTENCES.length
      const rows = FRAMES - (id % 3)
      const values = Float32Array.from(
        { length: rows * FEATURES },
        (_value, i) => (i % FEATURES === shown ? 3 : 0) + 0.3 * random.normal(),
      )
      await writeFile(features, encodeNpy([rows, FEATURES], values))
      return {
        id,
        features,
        topics: [shown],
        captions: new Array<string>(1 + (id % 3)).fill(sentenceOf({ id })),
      }
    }),
  )
}

/** A context that collects what is reported and never cancels, unless a signal is given. */
export function listening(
  signal: AbortSignal = new AbortController().signal,
): EngineContext & { heard: EngineProgress[] } {
  const heard: EngineProgress[] = []
  return {
    signal,
    heard,
    progress: (progress) => {
      heard.push(progress)
    },
    unpaused: () => Promise.resolve(),
  }
}

/** Parameters of a training run on the corpus, validated on the same clips. */
export const trainParams = (
  clips: CaptionedClip[],
  modelDir: string,
  change: Partial<EngineParams<'captioner.train'>> = {},
): EngineParams<'captioner.train'> => ({
  kind: 'interpretive',
  settings: tinySettings(),
  frames: FRAMES,
  topicCount: SENTENCES.length,
  train: clips,
  validation: clips,
  modelDir,
  runDir: `${modelDir}.run`,
  resume: false,
  device: 'cpu',
  seed: 1,
  ...change,
})

/** A corpus and a captioner that has learnt it, below `folder`. */
export async function trainedCaptioner(
  folder: string,
  change: Partial<CaptionerSettings> = {},
): Promise<{ clips: CaptionedClip[]; modelDir: string }> {
  const clips = await writeCorpus(join(folder, 'features'))
  const modelDir = join(folder, 'model')
  await captionerHandlers['captioner.train'](
    trainParams(clips, modelDir, { settings: tinySettings(change) }),
    listening(),
  )
  return { clips, modelDir }
}
