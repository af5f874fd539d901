/** The captioners that corrections are tried on: trained on a corpus once, and kept; or trained elsewhere. */
import { existsSync } from 'node:fs'
import { cp, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptionerSettings } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import type { EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { cached } from '../interpretability/corpora/corpus.ts'
import type { Corpus } from '../interpretability/corpora/corpus.ts'

const SEED = 1
const SHUFFLES = 5

interface Place {
  folder: string
  context: EngineContext
  log: (line: string) => void
}

/** Trains an interpretive captioner below the folder, with a neuron map of all clips; gives its folder. */
export async function trainedCaptioner(
  corpus: Corpus,
  settings: CaptionerSettings,
  { folder, context, log }: Place,
): Promise<string> {
  const { clips, frames, topics, name } = corpus
  const modelDir = join(folder, 'captioner')
  await mkdir(folder, { recursive: true })
  await cached(join(folder, 'training.json'), () => {
    log(`${name}: training a captioner, ${settings.epochs} epochs`)
    return captionerHandlers['captioner.train'](
      {
        kind: 'interpretive',
        settings,
        frames,
        topicCount: topics.length,
        train: clips.train,
        validation: clips.val,
        modelDir,
        runDir: join(folder, 'run'),
        resume: false,
        device: 'cpu',
        seed: SEED,
      },
      context,
    )
  })
  await interpret(corpus, modelDir, context)
  return modelDir
}

/** A copy below the folder of a captioner that was trained on the corpus, with a neuron map of all clips; gives its folder. */
export async function adoptedCaptioner(
  corpus: Corpus,
  trained: string,
  { name, folder, context }: Omit<Place, 'log'> & { name: string },
): Promise<string> {
  const modelDir = join(folder, name)
  if (!existsSync(modelDir)) {
    await cp(trained, `${modelDir}.part`, { recursive: true })
    await rename(`${modelDir}.part`, modelDir)
  }
  await interpret(corpus, modelDir, context)
  return modelDir
}

async function interpret({ clips }: Corpus, modelDir: string, context: EngineContext): Promise<void> {
  await cached(`${modelDir}-neurons.json`, () =>
    neuronHandlers['neurons.interpret'](
      {
        modelDir,
        clips: [...clips.train, ...clips.val, ...clips.test],
        train: clips.train,
        heldOut: [],
        truth: null,
        reference: 'zero',
        videoSet: 'bearing',
        shuffles: SHUFFLES,
        seed: SEED,
        device: 'cpu',
      },
      context,
    ),
  )
}
