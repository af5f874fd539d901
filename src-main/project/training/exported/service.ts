/** Models that another project exported: taken in with their topics, to be used, interpreted and trained further here. */
import { basename } from 'node:path'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { EngineResult } from '../../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import type { Model, NewRun, OpenProject } from '../../../store/index.ts'
import { noticeRegressions } from '../../corrections/regressions.ts'
import type { Input, Service } from '../../service.ts'
import { makeVersion } from '../../version.ts'
import { engineOptions } from '../../workspace.ts'
import type { Workspace } from '../../workspace.ts'
import { keyOfSet } from '../../corpus/feature-key.ts'
import { failures } from '../failures.ts'
import { becomesCurrent } from '../run.ts'
import { readBundle } from './bundle.ts'
import type { Bundle, BundleFeatures } from './bundle.ts'
import { requireRoom, runOfTopics, takeTopicsOver, topicsOfSameLabels } from './topics.ts'

type Request = Input<'training', 'importExportedModel'>

export function createExportedImport(workspace: Workspace) {
  return {
    importExportedModel(asWritten, { who }) {
      const project = workspace.project()
      const request = { ...asWritten, folder: resolvePath(asWritten.folder) }
      const jobId = workspace.jobs.start(
        'import',
        `Import the model ${basename(request.folder)}`,
        { procedure: 'training.importExportedModel', input: request },
        (context) => importExported(workspace, project, { request, who, context }),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'training'>>
}

/** What comes in, once all of it was looked at. */
interface Incoming {
  bundle: Bundle
  captioner: EngineResult<'captioner.takeIn'>
  /** The project's set that it reads, and whether that is new here. */
  featureKey: string
  isNewSet: boolean
  /** The project's topics that are its columns, or those that come along. */
  topics: { ids: number[] } | { run: NewRun; replaces: boolean }
}

async function importExported(
  workspace: Workspace,
  project: OpenProject,
  { request, who, context }: { request: Request; who: string; context: JobContext },
): Promise<JobOutcome> {
  const name = basename(request.folder)
  const incoming = await lookAt(workspace, project, { request, context })
  const model = begin(project, incoming, { name, context })
  await makeVersion(project, model, context, {
    async compute(to) {
      await workspace.engine.call('captioner.takeIn', { from: request.folder, to }, engineOptions(context))
    },
    save() {
      save(workspace, project, { model, incoming, name, who })
    },
  })
  if (incoming.isNewSet) {
    context.notice(howToSee(incoming.bundle.features))
  } else {
    await noticeRegressions(workspace, project, project.store.models.get(model.id), context)
  }
  return {
    result: { kind: 'train', modelIds: [model.id] },
    summary: `Model ${model.id} came from ${name}, with ${count(incoming.captioner.topics, 'topic')}.`,
  }
}

/** Throws what is wrong with it, before anything is written. */
async function lookAt(
  workspace: Workspace,
  { store }: OpenProject,
  { request, context }: { request: Request; context: JobContext },
): Promise<Incoming> {
  const { folder, replaceTopics } = request
  const bundle = await readBundle(folder)
  const captioner = await workspace.engine.call(
    'captioner.takeIn',
    { from: folder, to: null },
    engineOptions(context),
  )
  const { topics, features } = bundle
  if (topics.topics.length !== captioner.topics) {
    throw failures.exportedParts({
      folder,
      what: 'topics',
      one: topics.topics.length,
      other: captioner.topics,
    })
  }
  if (features.dimension !== captioner.featureSize) {
    const [one, other] = [features.dimension, captioner.featureSize]
    throw failures.exportedParts({ folder, what: 'features a frame', one, other })
  }
  const [names, columns] = [bundle.classes?.classes.length ?? 0, captioner.classifier?.bias.length ?? 0]
  if (names !== columns) {
    throw failures.exportedParts({ folder, what: 'classes', one: names, other: columns })
  }
  const ids = topicsOfSameLabels(store, topics)
  if (ids === null) {
    requireRoom(store, replaceTopics)
  }
  return {
    bundle,
    captioner,
    ...featuresHere(store, features),
    topics:
      ids === null
        ? { run: await runOfTopics(workspace, store, { bundle: topics, context }), replaces: replaceTopics }
        : { ids },
  }
}

/**
 * The set that a model reads here. What an encoder makes has the same key everywhere; of sets that were computed elsewhere the
 * current one is taken, where it has as many values. Throws CONFLICT where there is none.
 */
function featuresHere(
  store: OpenProject['store'],
  features: BundleFeatures,
): Pick<Incoming, 'featureKey' | 'isNewSet'> {
  const { origin, dimension, title } = features
  if (origin.kind === 'encoder') {
    const featureKey = keyOfSet(origin)
    return { featureKey, isNewSet: store.featureSets.find(featureKey) === null }
  }
  const key = store.settings.get('featureSet')
  const current = key === null ? null : store.featureSets.get(key)
  if (current === null || current.dimension !== dimension || current.origin.kind !== origin.kind) {
    throw failures.exportedFeatures({ title, dimension })
  }
  return { featureKey: current.key, isNewSet: false }
}

/** Like another system's, it has learnt from no clip here, wherever clips go. */
function begin(
  { store }: OpenProject,
  incoming: Incoming,
  { name, context }: { name: string; context: JobContext },
): Model {
  const { bundle, captioner, featureKey, topics } = incoming
  return store.models.add({
    parent: null,
    jobId: context.jobId,
    kind: captioner.kind,
    origin: 'imported',
    settings: captioner.settings,
    seed: 1,
    topics: 'ids' in topics ? topics.ids : [],
    featureKey,
    frames: captioner.frames,
    corpusState: { lastClip: 0, lastChange: 0 },
    note: `From the export ${name}; it reads features of ${described(bundle.features)}.`,
  })
}

function save(
  workspace: Workspace,
  project: OpenProject,
  { model, incoming, name, who }: { model: Model; incoming: Incoming; name: string; who: string },
): void {
  const { store } = project
  const { bundle, captioner, featureKey, isNewSet } = incoming
  if (isNewSet) {
    const { title, origin, frames, dimension } = bundle.features
    store.featureSets.put({ key: featureKey, title, origin, frames, dimension })
  }
  const topics = settleTopics(workspace, incoming, { name, who })
  const fingerprints = store.topics.fingerprints(topics)
  store.models.setTopics(model.id, { topics, fingerprints, corpusState: model.corpusState })
  store.models.finish(model.id, { state: 'ready', neurons: captioner.neurons })
  keepClassifier(store, model, incoming)
  if (becomesCurrent(project, model)) {
    store.settings.set('currentModel', model.id)
  }
}

/** Its classifier of actions as a comparison of its own, whose clips stayed in the other project. */
function keepClassifier(
  { actions }: OpenProject['store'],
  { id, kind }: Model,
  { bundle: { classes: ofClasses }, captioner: { classifier } }: Incoming,
): void {
  if (ofClasses === null || classifier === null) {
    return
  }
  const { corpus, strength, figures, ...comparison } = ofClasses
  actions.add(
    {
      ...comparison,
      source: corpus,
      sources: [{ of: 'neurons', modelId: id, kind, ...figures, leaning: null }],
      comparisons: [],
    },
    [],
    [{ ...classifier, strength }],
  )
}

/** The ids of its columns' topics, which are put in the place of the project's where they came along. */
function settleTopics(
  workspace: Workspace,
  { topics, bundle }: Incoming,
  { name, who }: { name: string; who: string },
): number[] {
  if ('ids' in topics) {
    return topics.ids
  }
  return workspace.edit(who, (store, make) => {
    // Somebody may have found topics since it was looked at.
    requireRoom(store, topics.replaces)
    return takeTopicsOver(store, make, { run: topics.run, bundle: bundle.topics, name })
  })
}

/** What a model reads, in words. */
function described({ title, origin, frames }: BundleFeatures): string {
  const grid = origin.kind === 'encoder' ? `, grid ${origin.grid}` : ''
  return `${title} (${count(frames, 'frame')}${grid})`
}

/** How to compute the features that a model reads. */
function howToSee({ origin, title }: BundleFeatures): string {
  if (origin.kind !== 'encoder') {
    return ''
  }
  const { encoder, frames, grid, cells } = origin
  const settings = `--encoder ${encoder} --frames ${frames} --grid ${grid}${cells > 1 ? ` --cells ${cells}` : ''}`
  return `It reads features of ${title}, which the project has none of yet: compute them first (vitrine features PROJECT ${settings}).`
}
