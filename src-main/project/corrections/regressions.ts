/**
 * Accepted corrections as regression cases: each is captioned again with every later model, and the error
 * must not be back.
 */
import type { RegressionOutcome } from '#contract'
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { JobContext } from '../../jobs/index.ts'
import { isCaptioner } from '../../store/index.ts'
import type { Model, OpenProject, StoredCorrection } from '../../store/index.ts'
import { clipTopics } from '../review/clip-topics.ts'
import type { TopicErrors } from '../review/topic-verdicts.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { clipsWithFeatures, engineOptions, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { shownCorrection } from './correction.ts'
import { failures } from './failures.ts'
import { DECODING } from './moves.ts'

/**
 * What a model says of the clips of all accepted corrections, and whether their errors are back: the outcomes are kept.
 * Returns how many are back, of how many.
 */
export async function rerunCorrections(
  workspace: Workspace,
  project: OpenProject,
  model: Model,
  options: CallOptions,
): Promise<{ cases: number; back: number }> {
  const accepted = acceptedCorrections(project)
  const captions = await captionsOf(
    workspace,
    project,
    { model, clipIds: accepted.map(({ clipId }) => clipId) },
    options,
  )
  const rows = accepted.flatMap((correction) => {
    const caption = captions.get(correction.clipId)
    return caption === undefined
      ? []
      : [
          {
            correctionId: correction.id,
            modelId: model.id,
            caption,
            outcome: outcomeOf(project, model, correction, caption),
          },
        ]
  })
  project.store.corrections.putRegressions(rows)
  return { cases: rows.length, back: rows.filter(({ outcome }) => outcome === 'back').length }
}

/** Reruns them for a model that has just come about, and says so where it is false of some. */
export async function noticeRegressions(
  workspace: Workspace,
  project: OpenProject,
  model: Model,
  context: JobContext,
): Promise<void> {
  const { cases, back } = await rerunCorrections(workspace, project, model, engineOptions(context))
  if (back > 0) {
    context.notice(
      `Of ${count(cases, 'kept correction')} ${back} ${back === 1 ? 'is' : 'are'} false with model ${model.id}.`,
    )
  }
}

/** What a model says of some clips: made now, or, of another system's model, as it came in. Others are left out. */
async function captionsOf(
  workspace: Workspace,
  project: OpenProject,
  { model, clipIds }: { model: Model; clipIds: readonly number[] },
  options: CallOptions,
): Promise<Map<number, string>> {
  const wanted = new Set(clipIds)
  if (!isCaptioner(model)) {
    const stored = project.store.generated.all(model.id).filter(({ clipId }) => wanted.has(clipId))
    return new Map(stored.map(({ clipId, caption }) => [clipId, caption]))
  }
  const clips = clipsWithFeatures(project, model.featureKey, null).filter(({ id }) => wanted.has(id))
  if (clips.length === 0) {
    return new Map()
  }
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips, decoding: DECODING, device: 'auto' },
    options,
  )
  return new Map(captions.map(({ id, caption }) => [id, caption]))
}

/** Of each clip the last one: it takes the place of those before. */
function acceptedCorrections({ store }: OpenProject): StoredCorrection[] {
  const accepted = store.corrections.list().filter(({ state }) => state === 'accepted')
  return accepted.filter(({ clipId }, i) => accepted.findIndex((later) => later.clipId === clipId) === i)
}

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
  const { errors } = clipTopics(project, model, clipId)
  const [errorsBefore, errorsWanted, errorsLeft] = [errors(before), errors(wanted), errors(caption)]
  const isMended = (kind: keyof TopicErrors): boolean =>
    errorsBefore[kind]
      .filter((topicId) => !errorsWanted[kind].includes(topicId))
      .every((topicId) => !errorsLeft[kind].includes(topicId))
  return isMended('missing') && isMended('unsupported') ? 'mended' : 'back'
}

export function createRegressions(workspace: Workspace) {
  return {
    regressions: reads(['clip', 'correction', 'model', 'regression'], () => {
      const project = workspace.project()
      const rows = project.store.corrections.regressions()
      return {
        models: project.store.models
          .list()
          .map(({ id }) => id)
          .filter((id) => rows.some(({ modelId }) => modelId === id))
          .sort((a, b) => a - b),
        cases: acceptedCorrections(project).map((correction) => ({
          correction: shownCorrection(project, correction),
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
      if (acceptedCorrections(project).length === 0) {
        throw failures.noneKept()
      }
      const jobId = workspace.jobs.start(
        'correct',
        `Rerun corrections with model ${model.id}`,
        { procedure: 'corrections.rerun', input: { modelId: model.id } },
        async (context) => {
          const { cases, back } = await rerunCorrections(workspace, project, model, engineOptions(context))
          return {
            result: { kind: 'correct', modelId: model.id },
            summary: `${count(cases, 'correction')} rerun with model ${model.id}: ${describeBack(back)}.`,
          }
        },
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corrections'>>
}

function describeBack(back: number): string {
  if (back === 0) {
    return 'no error is back'
  }
  return `${count(back, 'error')} ${back === 1 ? 'is' : 'are'} back`
}
