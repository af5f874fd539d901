/** Where a run begins: at its first step, or where its last checkpoint left it. */
import type { EngineContext, EngineParams } from '../../../engine-host/contract/index.ts'
import { initialState } from '../../graph/optimizers.ts'
import type { Tensor } from '../../graph/runtime.ts'
import { inputSizeOf, measureTransform } from '../feature-transform.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { initialParameters } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import { buildVocabulary } from '../vocabulary.ts'
import { loadCheckpoint } from './checkpoints.ts'
import { firstProgress } from './progress.ts'
import type { ProgressRecord } from './progress.ts'

export interface RunStart {
  model: CaptionerModel
  /** Parameters and the optimizer's slots, by name. */
  state: Map<string, Tensor>
  progress: ProgressRecord
}

/** A run at its first step: what is learnt of the training clips before any step is taken. */
export async function beginRun(
  { kind, settings, frames, topicCount, train: clips, seed }: EngineParams<'captioner.train'>,
  { signal, progress }: EngineContext,
): Promise<RunStart> {
  const captions = clips.flatMap((clip) => clip.captions)
  const vocabulary = buildVocabulary(captions, settings.minWordCount, settings.maxVocabulary)
  progress({ phase: 'measuring features', done: 0, total: null, unit: 'clips' })
  const transform = await measureTransform(clips, {
    frames,
    projection: settings.projection,
    standardise: settings.standardise,
    random: randomStream(seed, 'transform'),
    signal,
  })
  const architecture = {
    settings,
    frames,
    inputSize: inputSizeOf(transform),
    vocabularySize: vocabulary.words.length,
    topics: topicCount,
  }
  const parameters = initialParameters(architecture, randomStream(seed, 'parameters'))
  return {
    model: { kind, architecture, vocabulary, transform, parameters, gates: null },
    state: initialState(parameters),
    progress: firstProgress(),
  }
}

/** A run where its last checkpoint left it. Throws NOT_FOUND when there is none. */
export async function restoreRun(runDir: string): Promise<RunStart> {
  const { model, slots, progress } = await loadCheckpoint(runDir)
  return { model, state: new Map([...model.parameters, ...slots]), progress }
}
