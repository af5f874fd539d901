/**
 * Bringing a trained model over to topics that were edited since: by arithmetic alone (remap), or by a short
 * training (refine).
 */
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { Captioner, FinishedModel, Model, NewModel, OpenProject } from '../../store/index.ts'
import { holdCorrections } from '../corrections/kept.ts'
import { interpretLikeParent } from '../neurons/interpretation.ts'
import { fastestDevice } from '../devices.ts'
import type { Input, Service } from '../service.ts'
import { clipsWithFeatures, engineOptions, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { NO_VALIDATION, trainingInputs } from './inputs.ts'
import { projectTopics, staleness } from './staleness.ts'
import { beginVersion, makeVersion } from '../version.ts'

export function createCarryOver(workspace: Workspace) {
  return {
    /**
     * A version of a model whose head has the project's topics as they are now: columns are copied, merged
     * topics' fitted to what the old ones say together. Nothing is trained. Throws NOT_FOUND, NOT_READY, and
     * CONFLICT where topics are new or split, or nothing changed.
     */
    remap({ modelId }, { who }) {
      const project = workspace.project()
      const parent = modelWithTopics(project, modelId)
      remappingOf(project, parent)
      const jobId = workspace.jobs.start(
        'train',
        `Remap model ${modelId}`,
        { procedure: 'training.remap', input: { modelId } },
        (context) => remapTopics({ workspace, project, parent, context, who }),
      )
      return { jobId }
    },

    /**
     * A version of a model that has learnt the project's topics as they are now: encoder and topic head train
     * for some epochs, the decoder stays. Throws NOT_FOUND, NOT_READY, CONFLICT.
     */
    refine(request, { who }) {
      const project = workspace.project()
      const parent = modelWithTopics(project, request.modelId)
      const jobId = workspace.jobs.start(
        'train',
        `Refine model ${parent.id}`,
        { procedure: 'training.refine', input: request },
        (context) => refineTopics({ workspace, project, parent, context, who }, request),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'training'>>
}

/** A model that goes over to other topics, and the job in which it does. */
interface CarryOver {
  workspace: Workspace
  project: OpenProject
  parent: Captioner
  context: JobContext
  /** Signs the edit that puts the version in the parent's place. */
  who: string
}

/** A model whose head was trained on topics. Throws NOT_FOUND, NOT_READY, CONFLICT. */
function modelWithTopics(project: OpenProject, modelId: number): Captioner {
  const model = usableCaptioner(project, modelId)
  if (model.kind === 'baseline') {
    throw failures.baselineTopics({ modelId })
  }
  return model
}

/** How a model's columns go over to the topics as they are now. Throws CONFLICT where they can't. */
function remappingOf(project: OpenProject, model: Model) {
  const { reasons, remapping } = staleness(projectTopics(project), model)
  if (remapping !== null) {
    return remapping
  }
  throw reasons.length === 0
    ? failures.topicsUnchanged({ modelId: model.id })
    : failures.notRemappable({ modelId: model.id, reasons: reasons.join(' ') })
}

async function remapTopics(carryOver: CarryOver): Promise<JobOutcome> {
  const { workspace, project, parent } = carryOver
  // Topics may have been edited while the job waited.
  const { topics, groups } = remappingOf(project, parent)
  const model = await makeCarriedOver(
    carryOver,
    { origin: 'remapped', topics, fingerprints: remappedFingerprints(project, parent, topics, groups) },
    async (to, options) => {
      const { seconds, settings } = await workspace.engine.call(
        'captioner.remap',
        {
          modelDir: modelFolder(project, parent),
          to,
          groups,
          clips: clipsWithFeatures(project, parent.featureKey, 'train'),
          device: 'auto',
        },
        options,
      )
      return { state: 'ready', settings, seconds, steps: 0, device: parent.device }
    },
  )
  const merged = groups.filter((columns) => columns.length > 1).length
  return {
    result: { kind: 'train', modelIds: [model.id] },
    summary: `Model ${model.id}: ${parent.topics.length} topics of model ${parent.id} went over to ${topics.length}, ${merged} of them merged.`,
  }
}

/** Of a copied column the clips are those it was trained on; a merged one is as its clips are now. */
function remappedFingerprints(
  { store }: OpenProject,
  parent: Model,
  topics: readonly number[],
  groups: readonly (readonly number[])[],
): string[] {
  const current = store.topics.fingerprints(topics)
  return groups.map(([column = -1, ...merged], i) => {
    const copied = merged.length === 0 ? parent.fingerprints?.[column] : undefined
    return copied ?? current[i] ?? ''
  })
}

async function refineTopics(carryOver: CarryOver, request: Input<'training', 'refine'>): Promise<JobOutcome> {
  const { workspace, project, parent, context } = carryOver
  const { epochs, seed } = request
  const device = request.device === 'auto' ? await fastestDevice(workspace, context) : request.device
  const { store } = project
  const topics = store.topics.current().map(({ id }) => id)
  if (topics.length === 0) {
    throw failures.noTopicsToRefine()
  }
  const { train, validation, standIn, digests } = trainingInputs(project, parent.featureKey, topics)
  if (standIn) {
    context.notice(NO_VALIDATION)
  }
  const fingerprints = store.topics.fingerprints(topics)
  let summary = ''
  const model = await makeCarriedOver(
    carryOver,
    { origin: 'refined', topics, fingerprints, seed, inputs: digests, device },
    async (to, options) => {
      const refined = await workspace.engine.call(
        'captioner.refine',
        {
          modelDir: modelFolder(project, parent),
          to,
          columns: topics.map((id) => columnOf(parent, id)),
          train,
          validation,
          epochs,
          seed,
          device,
        },
        { ...options, onPausable: context.pausable },
      )
      summary = describeRefinement(refined)
      const { steps, settings, seconds } = refined
      return { state: 'ready', settings, seconds, steps, device }
    },
  )
  return { result: { kind: 'train', modelIds: [model.id] }, summary: `Model ${model.id}: ${summary}.` }
}

function columnOf(model: Model, topicId: number): number | null {
  const column = model.topics.indexOf(topicId)
  return column === -1 ? null : column
}

function describeRefinement(refined: EngineResult<'captioner.refine'>): string {
  const { steps, topicMapBefore, topicMapAfter, ciderBefore, ciderAfter } = refined
  const topicMap = `topic mAP ${topicMapBefore.toFixed(3)} before and ${topicMapAfter.toFixed(3)} after`
  const cider = `CIDEr ${ciderBefore.toFixed(3)} and ${ciderAfter.toFixed(3)}`
  return `${steps} steps; on the validation split ${topicMap}, ${cider}`
}

/**
 * Makes a version of `parent` by `compute`, interprets its neurons if the parent's were, has it hold what was corrected
 * where its weights have changed, and puts it in the parent's place if that is the current model (an edit).
 */
async function makeCarriedOver(
  { workspace, project, parent, context, who }: CarryOver,
  changes: Pick<NewModel, 'origin' | 'topics'> & Partial<NewModel>,
  compute: (folder: string, options: CallOptions) => Promise<FinishedModel>,
): Promise<Model> {
  const { store } = project
  const version = beginVersion(project, parent, context, changes)
  await makeVersion(project, version, context, {
    async compute(folder) {
      const options = engineOptions(context)
      const finished = await compute(folder, options)
      await interpretLikeParent({ workspace, project, parent, version, options })
      if (finished.steps !== 0) {
        await holdCorrections({ workspace, project, model: version, context, options })
      }
      return finished
    },
    save(finished) {
      store.models.finish(version.id, { neurons: parent.neurons, ...finished })
      if (store.settings.get('currentModel') === parent.id) {
        workspace.edit(who, (_, make) => {
          make(`use model ${version.id} (${changes.origin} from ${parent.id})`, [
            { kind: 'model.current', modelId: version.id },
          ])
        })
      }
    },
  })
  return store.models.get(version.id)
}
