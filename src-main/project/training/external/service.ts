/** Models of other systems: previewed, and taken in with what they say of the clips. */
import { basename } from 'node:path'
import { captionerSettings, neuronsRequest, split as splitSchema } from '#contract'
import type { Split } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import type { Model, OpenProject, StoredCaption } from '../../../store/index.ts'
import { giveBack, takeOver } from '../../corpus/feature-import/service.ts'
import { noticeRegressions } from '../../corrections/regressions.ts'
import { interpretNeurons } from '../../neurons/interpretation.ts'
import { currentTopics, trainProbe, whyUnprobed } from '../../neurons/probe.ts'
import type { Probe } from '../../neurons/probe.ts'
import { scoreSplit } from '../../review/captioning.ts'
import type { SplitScores } from '../../review/captioning.ts'
import type { Service } from '../../service.ts'
import { makeVersion } from '../../version.ts'
import { engineOptions, hasNeurons } from '../../workspace.ts'
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
const withAbsolutePaths = ({ path, names, activations, ...request }: ModelImport): ModelImport => ({
  ...request,
  path: resolvePath(path),
  names: names && resolvePath(names),
  activations: activations && resolvePath(activations),
})

async function importModel(
  workspace: Workspace,
  project: OpenProject,
  { request, context }: { request: ModelImport; context: JobContext },
): Promise<JobOutcome> {
  const plan = await planModelImport(workspace, project, { request, context })
  const model = beginModel(project, { request, plan, context })
  const made = await makeModel(workspace, project, { model, plan, context })
  await noticeRegressions(workspace, project, model, context)
  return {
    result: { kind: 'modelImport', modelId: model.id, report: plan.report },
    summary: `Model ${model.id}: ${plan.report.sentence}.`,
    notices: [...plan.report.notices, ...made.notices],
  }
}

/** Measures and stores a model that was begun; whatever ends it early, nothing of it stays. */
async function makeModel(
  workspace: Workspace,
  project: OpenProject,
  { model, plan, context }: { model: Model; plan: ModelImportPlan; context: JobContext },
): Promise<Measured> {
  const { store } = project
  try {
    return await makeVersion(project, model, context, {
      compute: () => measure(workspace, project, { model, plan, context }),
      save({ captions, scores, set, neurons }) {
        if (set !== null) {
          const title = `activations of v${model.id} ${model.external?.name ?? ''}`
          store.featureSets.put({ ...set, title })
        }
        saveCaptions(project, model, captions, scores)
        store.models.finish(model.id, { state: 'ready', neurons })
        if (becomesCurrent(project, model)) {
          store.settings.set('currentModel', model.id)
        }
      },
    })
  } catch (error) {
    if (plan.activations !== null) {
      await giveBack(project, plan.activations.key)
    }
    throw error
  }
}

/** A model of another system has no settings, no seed and no frames: the columns hold what is usual. */
function beginModel(
  project: OpenProject,
  { request, plan, context }: { request: ModelImport; plan: ModelImportPlan; context: JobContext },
): Model {
  const { corpusState, ...topics } = currentTopics(project)
  return project.store.models.add({
    parent: null,
    jobId: context.jobId,
    kind: 'external',
    origin: 'imported',
    settings: captionerSettings.parse({}),
    seed: 1,
    ...topics,
    featureKey: plan.activations?.key ?? null,
    frames: plan.activations?.frames ?? 0,
    // Without a probe it has learnt from no clip here, wherever clips go.
    corpusState: plan.activations === null ? { lastClip: 0, lastChange: 0 } : corpusState,
    external: { name: request.name, file: request.path, activations: request.activations },
  })
}

/** All that is measured of a model that comes in. */
interface Measured {
  captions: SaidCaption[]
  scores: SplitScores[]
  /** Of its activations; null: none came along. */
  set: Awaited<ReturnType<typeof takeOver>> | null
  /** Null: they are not interpreted. */
  neurons: number | null
  notices: string[]
}

/** A caption with f(v-bar) of its clip by topic column; none where there is no f. */
type SaidCaption = ExternalCaption & { topics: number[] }

/** Takes activations over, trains the probe, interprets the neurons, and scores the captions. */
async function measure(
  workspace: Workspace,
  project: OpenProject,
  { model, plan, context }: { model: Model; plan: ModelImportPlan; context: JobContext },
): Promise<Measured> {
  const { activations } = plan
  const source = model.external?.activations ?? ''
  const set =
    activations === null ? null : await takeOver(workspace, project, { plan: activations, source, context })
  const { probe, notices } = await probed(workspace, project, { model, context })
  const captions = plan.captions.map((caption) => ({
    ...caption,
    topics: probe?.scores.get(caption.clip.id) ?? [],
  }))
  const scores = await scoreSplits(workspace, project, { model, captions, context })
  return { captions, scores, set, neurons: probe?.neurons ?? null, notices }
}

/** The probe and the neuron map of a model whose activations came along; why there are none, where they can't be made. */
async function probed(
  workspace: Workspace,
  project: OpenProject,
  { model, context }: { model: Model; context: JobContext },
): Promise<{ probe: Probe | null; notices: string[] }> {
  if (!hasNeurons(model)) {
    return { probe: null, notices: [] }
  }
  const obstacle = whyUnprobed(project, model)
  if (obstacle !== null) {
    return { probe: null, notices: [`Its neurons are not interpreted yet. ${obstacle.message}`] }
  }
  const options = engineOptions(context)
  const probe = await trainProbe(workspace, project, { model, seed: model.seed, options })
  const request = neuronsRequest.parse({ modelId: model.id })
  await interpretNeurons({ workspace, project, model, request, options })
  return { probe, notices: [] }
}

/** The scores of each split of which it has captions, and people have. */
async function scoreSplits(
  workspace: Workspace,
  project: OpenProject,
  { model, captions, context }: { model: Model; captions: readonly SaidCaption[]; context: JobContext },
): Promise<SplitScores[]> {
  const scores: SplitScores[] = []
  for (const split of splitSchema.options) {
    const ofSplit = saidOf(project, captions, split)
    if (ofSplit.length > 0) {
      scores.push(
        await scoreSplit({ workspace, project, model, split, options: engineOptions(context) }, ofSplit),
      )
    }
  }
  return scores
}

/** What it says of the clips of a split that people say something of, too. */
function saidOf({ store }: OpenProject, captions: readonly SaidCaption[], split: Split) {
  const human = store.captions.textsByClip(split)
  return captions
    .filter(({ clip }) => clip.split === split && human.has(clip.id))
    .map(({ clip, caption, topics }) => ({ id: clip.id, caption, topics }))
}

function saveCaptions(
  { store }: OpenProject,
  { id: modelId }: Model,
  captions: readonly SaidCaption[],
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

const toStored = ({ clip, caption, score, topics }: SaidCaption, cider: number | null): StoredCaption => ({
  clipId: clip.id,
  decoding: null,
  caption,
  logProbability: null,
  score,
  words: [],
  alternatives: [],
  topics,
  cider,
})
