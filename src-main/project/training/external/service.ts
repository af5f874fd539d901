/** Models of other systems: previewed, and taken in with what they say of the clips. */
import { basename } from 'node:path'
import { captionerSettings, split as splitSchema } from '#contract'
import type { Split } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import type { Model, OpenProject, StoredCaption } from '../../../store/index.ts'
import { rerunCorrections } from '../../corrections/regressions.ts'
import { scoreSplit } from '../../review/captioning.ts'
import type { SplitScores } from '../../review/captioning.ts'
import type { Service } from '../../service.ts'
import { makeVersion } from '../../version.ts'
import { engineOptions } from '../../workspace.ts'
import type { Workspace } from '../../workspace.ts'
import { becomesCurrent } from '../run.ts'
import { planModelImport } from './plan.ts'
import type { ExternalCaption, ModelImport, ModelImportPlan } from './plan.ts'

export function createModelImport(workspace: Workspace) {
  return {
    previewModelImport(asWritten) {
      const project = workspace.project()
      const request = withAbsolutePaths(asWritten)
      const jobId = workspace.jobs.start(
        'preview',
        `Preview of ${basename(request.path)}`,
        { procedure: 'training.previewModelImport', input: request },
        async (context) => {
          const { report } = await planModelImport(workspace, project, { request, context })
          return { result: { kind: 'modelPreview', report }, summary: `${report.sentence}.` }
        },
      )
      return { jobId }
    },

    importModel(asWritten) {
      const project = workspace.project()
      const request = withAbsolutePaths(asWritten)
      const jobId = workspace.jobs.start(
        'import',
        `Import what ${request.name} says`,
        { procedure: 'training.importModel', input: request },
        (context) => importModel(workspace, project, { request, context }),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'training'>>
}

/** An import that means the same from wherever it is started again. */
const withAbsolutePaths = ({ path, names, ...request }: ModelImport): ModelImport => ({
  ...request,
  path: resolvePath(path),
  names: names && resolvePath(names),
})

async function importModel(
  workspace: Workspace,
  project: OpenProject,
  { request, context }: { request: ModelImport; context: JobContext },
): Promise<JobOutcome> {
  const { store } = project
  const plan = await planModelImport(workspace, project, { request, context })
  const model = beginModel(project, { request, context })
  await makeVersion(project, model, context, {
    compute: () => scoreSplits(workspace, project, { model, plan, context }),
    save(scores) {
      saveCaptions(project, model, plan.captions, scores)
      store.models.finish(model.id, { state: 'ready' })
      if (becomesCurrent(project, model)) {
        store.settings.set('currentModel', model.id)
      }
    },
  })
  const { cases, back } = await rerunCorrections(workspace, project, model, { signal: context.signal })
  if (back > 0) {
    context.notice(
      `Of ${count(cases, 'kept correction')} ${back} ${back === 1 ? 'is' : 'are'} false with model ${model.id}.`,
    )
  }
  return {
    result: { kind: 'modelImport', modelId: model.id, report: plan.report },
    summary: `Model ${model.id}: ${plan.report.sentence}.`,
    notices: plan.report.notices,
  }
}

/** A model of another system has no settings, no seed and no frames: the columns hold what is usual. */
function beginModel(
  { store }: OpenProject,
  { request, context }: { request: ModelImport; context: JobContext },
): Model {
  const topics = store.topics.current().map(({ id }) => id)
  return store.models.add({
    parent: null,
    jobId: context.jobId,
    kind: 'external',
    origin: 'imported',
    settings: captionerSettings.parse({}),
    seed: 1,
    topics,
    fingerprints: store.topics.fingerprints(topics),
    featureKey: null,
    frames: 0,
    // It has learnt from no clip here, wherever clips go.
    corpusState: { lastClip: 0, lastChange: 0 },
    external: { name: request.name, file: request.path, activations: null },
  })
}

/** The scores of each split of which it has captions, and people have. */
async function scoreSplits(
  workspace: Workspace,
  project: OpenProject,
  { model, plan, context }: { model: Model; plan: ModelImportPlan; context: JobContext },
): Promise<SplitScores[]> {
  const scores: SplitScores[] = []
  for (const split of splitSchema.options) {
    const captions = saidOf(project, plan.captions, split)
    if (captions.length > 0) {
      scores.push(
        await scoreSplit({ workspace, project, model, split, options: engineOptions(context) }, captions),
      )
    }
  }
  return scores
}

/** What it says of the clips of a split that people say something of, too. */
function saidOf({ store }: OpenProject, captions: readonly ExternalCaption[], split: Split) {
  const human = store.captions.textsByClip(split)
  return captions
    .filter(({ clip }) => clip.split === split && human.has(clip.id))
    .map(({ clip, caption }) => ({ id: clip.id, caption, topics: [] }))
}

function saveCaptions(
  { store }: OpenProject,
  { id: modelId }: Model,
  captions: readonly ExternalCaption[],
  scores: readonly SplitScores[],
): void {
  const ciders = new Map(scores.flatMap((ofSplit) => [...ofSplit.ciders]))
  store.generated.put(
    modelId,
    captions.map((caption) => toStored(caption, ciders.get(caption.clip.id) ?? null)),
  )
  for (const { evaluation, averagePrecision } of scores) {
    store.models.setEvaluation(modelId, evaluation, averagePrecision)
  }
}

const toStored = ({ clip, caption, score }: ExternalCaption, cider: number | null): StoredCaption => ({
  clipId: clip.id,
  decoding: null,
  caption,
  logProbability: null,
  score,
  words: [],
  alternatives: [],
  topics: [],
  cider,
})
