/** What corrections are made of: topics and neurons that are moved, and captions that the model can say. */
import { decoding } from '#contract'
import type { Intervention } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { ClipFeatures, Moves } from '../../engine-host/contract/index.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/** How captions before and after are decoded. */
export const DECODING = decoding.parse({})

/**
 * Topics as the model's columns. Throws BAD_INPUT for a topic that it was not trained on, or that is moved
 * twice.
 */
export function movesOf(
  model: Captioner,
  { topics, neurons }: Pick<Required<Intervention>, 'topics' | 'neurons'>,
): Moves {
  const moved = new Set<number>()
  return {
    neurons,
    topics: topics.map(({ topicId, strength }) => {
      const topic = model.topics.indexOf(topicId)
      if (topic === -1) {
        throw failures.topicUnknown({ modelId: model.id, topicId })
      }
      if (moved.has(topicId)) {
        throw failures.topicTwice({ topicId })
      }
      moved.add(topicId)
      return { topic, strength }
    }),
  }
}

/** What a model says of one clip. */
export async function captionOf({
  workspace,
  project,
  model,
  clip,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  model: Captioner
  clip: ClipFeatures
  options: CallOptions
}): Promise<string> {
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips: [clip], decoding: DECODING, device: 'auto' },
    options,
  )
  return captions[0]?.caption ?? ''
}
