/**
 * A topic head for a captioner that never learnt one. A baseline's f is as it was drawn, and says nothing of
 * its neurons; f as a random-topics captioner learnt it says what is not so. So that all are asked the same,
 * f is trained anew on the frozen v-bar of the training clips (engine/neurons/new-head.ts).
 */
import type { CaptionedClip, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { neuronCount, withJointHead } from '../../../src-main/engine/captioner/parameters.ts'
import { trainHead } from '../../../src-main/engine/neurons/new-head.ts'
import type { HeadExample } from '../../../src-main/engine/neurons/new-head.ts'

/** v-bar by clip. */
export type Means = ReadonlyMap<number, Float32Array>

/** Where a model is and its copy goes, and what its new head is drawn and trained with. */
interface Probing {
  from: string
  to: string
  seed: number
  context: EngineContext
}

/** Writes the model of `from` with an f that was trained on `means` into `to`. */
export async function saveProbed(
  { from, to, seed, context }: Probing,
  means: Means,
  clips: Record<'train' | 'val', readonly CaptionedClip[]>,
): Promise<void> {
  const model = await loadModel(from)
  const architecture = withJointHead(model.architecture)
  const D = neuronCount(architecture)
  const examplesOf = (chosen: readonly CaptionedClip[]): HeadExample[] =>
    chosen.map(({ id, topics }) => ({ mean: means.get(id) ?? new Float32Array(D), topics }))
  const examples = { train: examplesOf(clips.train), validation: examplesOf(clips.val) }
  const { parameters } = await trainHead(architecture, examples, seed, context)
  await saveModel(to, {
    ...model,
    architecture,
    parameters: new Map([...model.parameters, ...parameters]),
  })
}
