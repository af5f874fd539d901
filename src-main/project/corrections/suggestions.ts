/** Corrections that might help: topic errors of a caption moved the right way, kept where CIDEr rises. */
import type { Suggestion } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import { cidersOf } from '../review/captioning.ts'
import { clipTopics } from '../review/clip-topics.ts'
import type { TopicErrors } from '../review/topic-verdicts.ts'
import { clipFeatures, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { DECODING, movesOf } from './moves.ts'

type MovedTopics = Suggestion['topics']

/** How far topics are moved: past their mean, where it takes that, last. Chosen on validation clips. */
const STRENGTHS = [1, 0.5, 1.5, 2]

export async function suggestCorrections(
  workspace: Workspace,
  modelId: number,
  clipId: number,
  options: CallOptions,
): Promise<Suggestion[]> {
  const project = workspace.project()
  const { store } = project
  const model = usableCaptioner(project, modelId)
  const generated = store.generated.get(modelId, clipId)
  if (generated === null) {
    throw failures.notCaptioned({ modelId, clip: store.clips.get(clipId).name })
  }
  const candidates = candidatesFor(clipTopics(project, model, clipId).errors(generated.caption))
  if (candidates.length === 0) {
    return []
  }
  const clip = clipFeatures(project, model.featureKey, clipId)
  const { captions } = await workspace.engine.call(
    'corrections.intervene',
    {
      modelDir: modelFolder(project, model),
      interventions: candidates.map((topics) => ({ clip, ...movesOf(model, { topics, neurons: [] }) })),
      beam: DECODING.beam,
      device: 'auto',
    },
    options,
  )
  const [ciderBefore, ...cidersAfter] = await cidersOf({
    workspace,
    modelId,
    split: store.clips.get(clipId).split,
    hypotheses: [generated.caption, ...captions.map(({ after }) => after)].map((caption) => ({
      clipId,
      caption,
    })),
    options,
  })
  const suggestions = candidates.map((topics, i) => ({
    topics,
    after: captions[i]?.after ?? '',
    ciderBefore: ciderBefore ?? 0,
    ciderAfter: cidersAfter[i] ?? 0,
  }))
  return improvements(suggestions)
}

/** Every error moved alone, and all of them together, each at every strength. */
function candidatesFor({ missing, unsupported }: TopicErrors): MovedTopics[] {
  const single = [
    ...missing.map((topicId) => [{ topicId, sign: 1 }]),
    ...unsupported.map((topicId) => [{ topicId, sign: -1 }]),
  ]
  const moved = single.length > 1 ? [...single, single.flat()] : single
  return moved.flatMap((topics) =>
    STRENGTHS.map((strength) =>
      // What is dropped is gone at 1.
      topics.map(({ topicId, sign }) => ({
        topicId,
        strength: sign > 0 ? strength : -Math.min(1, strength),
      })),
    ),
  )
}

/** Those that are better than what the model says, of equal captions the first, the best first. */
function improvements(suggestions: readonly Suggestion[]): Suggestion[] {
  const better: Suggestion[] = []
  for (const suggestion of suggestions) {
    const isBetter = suggestion.ciderAfter > suggestion.ciderBefore
    if (isBetter && !better.some(({ after }) => after === suggestion.after)) {
      better.push(suggestion)
    }
  }
  return better.sort((a, b) => b.ciderAfter - a.ciderAfter)
}
