/**
 * Accepted corrections as regression cases: each is captioned again with every later model, and the error
 * must not be back.
 */
import { VitrineError } from '#contract'
import type { RegressionOutcome } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { Model, OpenProject, StoredCorrection } from '../../store/index.ts'
import { named } from './correction.ts'
import { DECODING, topicsOfClip } from './interventions.ts'
import { count } from '../../common/text.ts'
import { clipsWithFeatures, forward, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/**
 * The wanted caption; or other words, without the topic errors that the correction was about; or the error
 * again.
 */
function outcomeOf(
  project: OpenProject,
  model: Model,
  { clipId, before, wanted }: StoredCorrection,
  caption: string,
): RegressionOutcome {
  if (caption === wanted) {
    return 'holds'
  }
  if (caption === before) {
    return 'back'
  }
  const { errors } = topicsOfClip(project, model, clipId)
  const [was, meant, is] = [errors(before), errors(wanted), errors(caption)]
  const mended = (kind: 'missing' | 'unsupported'): boolean =>
    was[kind].filter((topic) => !meant[kind].includes(topic)).every((topic) => !is[kind].includes(topic))
  return mended('missing') && mended('unsupported') ? 'mended' : 'back'
}

/**
 * Captions the clips of all accepted corrections with a model and keeps the outcomes; returns how many errors
 * are back, of how many.
 */
export async function rerunCorrections(
  workspace: Workspace,
  project: OpenProject,
  model: Model,
  options: CallOptions,
): Promise<{ cases: number; back: number }> {
  const { store } = project
  const accepted = store.corrections.list().filter(({ state }) => state === 'accepted')
  const clips = new Map(clipsWithFeatures(project, model.featureKey, null).map((clip) => [clip.id, clip]))
  const cases = accepted.filter(({ clipId }) => clips.has(clipId))
  if (cases.length === 0) {
    return { cases: 0, back: 0 }
  }
  const captioned = [...new Set(cases.map(({ clipId }) => clipId))].flatMap((id) => clips.get(id) ?? [])
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips: captioned, decoding: DECODING, device: 'auto' },
    options,
  )
  const generated = new Map(captions.map(({ id, caption }) => [id, caption]))
  const rows = cases.map((correction) => {
    const caption = generated.get(correction.clipId) ?? ''
    return {
      correctionId: correction.id,
      modelId: model.id,
      caption,
      outcome: outcomeOf(project, model, correction, caption),
    }
  })
  store.corrections.putRegressions(rows)
  return { cases: rows.length, back: rows.filter(({ outcome }) => outcome === 'back').length }
}

export function createRegressions(workspace: Workspace) {
  return {
    regressions: reads(['clip', 'correction', 'regression'], () => {
      const project = workspace.project()
      const { store } = project
      const rows = store.corrections.regressions()
      const accepted = store.corrections.list().filter(({ state }) => state === 'accepted')
      return {
        models: [...new Set(rows.map(({ modelId }) => modelId))].sort((a, b) => a - b),
        cases: accepted.map((correction) => ({
          correction: named(project, correction),
          outcomes: rows
            .filter(({ correctionId }) => correctionId === correction.id)
            .map(({ modelId, caption, outcome }) => ({ modelId, caption, outcome })),
        })),
      }
    }),

    /** Throws NOT_FOUND, and NOT_READY when there is nothing to rerun. */
    rerun({ modelId }) {
      const project = workspace.project()
      const model = usableModel(project, modelId)
      if (!project.store.corrections.list().some(({ state }) => state === 'accepted')) {
        throw new VitrineError('NOT_READY', 'No correction is accepted yet.', 'Accept one first.')
      }
      const jobId = workspace.jobs.start(
        'correct',
        `Rerun corrections with model ${model.id}`,
        { rerun: modelId },
        async (context) => {
          const { cases, back } = await rerunCorrections(workspace, project, model, forward(context))
          return {
            result: { kind: 'correct', modelId: model.id },
            summary: `${count(cases, 'correction')} rerun with model ${model.id}: ${back === 0 ? 'no error is back' : `${count(back, 'error')} ${back === 1 ? 'is' : 'are'} back`}.`,
          }
        },
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corrections'>>
}
