/** Features that other programs computed: previewed, and taken over as a set of the project. */
import { rm, rmdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { breather } from '../../../common/breather.ts'
import { CancelledError } from '../../../common/failures.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import type { WrittenFeatures } from '../../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import { ownContent, ownPath } from '../../../store/index.ts'
import type { Feature, FeatureSet, OpenProject } from '../../../store/index.ts'
import type { Service } from '../../service.ts'
import { requireSpace } from '../../space.ts'
import { engineOptions } from '../../workspace.ts'
import type { Workspace } from '../../workspace.ts'
import { signOf } from '../feature-files.ts'
import { makeCurrent } from '../feature-sets.ts'
import { HEADER_BYTES, storesHalf } from '../feature-settings.ts'
import { planFeatureImport } from './plan.ts'
import type { FeatureImport, FeatureImportPlan } from './plan.ts'

export function createFeatureImport(workspace: Workspace) {
  return {
    previewFeatureImport(asWritten) {
      const project = workspace.project()
      const request = withAbsolutePaths(asWritten)
      const jobId = workspace.jobs.start(
        'preview',
        `Preview of ${basename(request.path)}`,
        { procedure: 'corpus.previewFeatureImport', input: request },
        async (context) => {
          const { report } = await planFeatureImport(workspace, project, { request, context })
          return { result: { kind: 'featurePreview', report }, summary: `${report.sentence}.` }
        },
      )
      return { jobId }
    },

    importFeatures(asWritten, { who }) {
      const project = workspace.project()
      const request = withAbsolutePaths(asWritten)
      const jobId = workspace.jobs.start(
        'features',
        `Import features from ${basename(request.path)}`,
        { procedure: 'corpus.importFeatures', input: request },
        (context) => importFeatures(workspace, project, { request, who, context }),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corpus'>>
}

/** An import that means the same from wherever it is started again. */
const withAbsolutePaths = ({ path, names, ...request }: FeatureImport): FeatureImport => ({
  ...request,
  path: resolvePath(path),
  names: names && resolvePath(names),
})

interface Importing {
  request: FeatureImport
  who: string
  context: JobContext
}

async function importFeatures(
  workspace: Workspace,
  project: OpenProject,
  { request, who, context }: Importing,
): Promise<JobOutcome> {
  const plan = await planFeatureImport(workspace, project, { request, context })
  const set = await takeOver(workspace, project, { plan, source: request.path, context })
  workspace.edit(who, (store, make) => {
    store.featureSets.put(set)
    makeCurrent(store, make, set.key)
  })
  return {
    result: { kind: 'featureImport', report: plan.report },
    summary: `${plan.report.sentence}.`,
    notices: plan.report.notices,
  }
}

/**
 * Takes the features of a plan over; returns their set, which is not stored yet: nobody goes by them before it is. Whatever
 * ends this early, none of them stays.
 */
export async function takeOver(
  workspace: Workspace,
  project: OpenProject,
  { plan, source, context }: { plan: FeatureImportPlan; source: string; context: JobContext },
): Promise<Omit<FeatureSet, 'createdAt' | 'removed'>> {
  const half = storesHalf(project.store.clips.count())
  await requireSpace(project.folder, bytesOf(plan, half), 'features')
  const features = await takeFeatures(workspace, project, { plan, half, context })
  const { key, title, dimension } = plan
  // Of padded features the headers tell more frames than there are.
  const frames = features.reduce((most, one) => Math.max(most, one.frames), knownFrames(project, key))
  await storeFeatures(project, { features, plan, context })
  return { key, title, origin: { kind: 'imported', source }, frames, dimension }
}

/** Takes back features that were taken over, of a set that never came to be. */
export async function giveBack({ store, folder }: OpenProject, key: string): Promise<void> {
  store.features.forgetKey(key)
  await rm(await ownPath(folder, `features/${key}`), { recursive: true, force: true })
}

/** Features that are stored in one transaction: other writers wait as long. */
const SLICE = 200

interface Storing {
  features: readonly Feature[]
  plan: FeatureImportPlan
  context: JobContext
}

/**
 * Stores features slice by slice, so that others are served meanwhile. Nobody goes by those of a new set before it is
 * there; whatever ends this early, none of them stays.
 */
async function storeFeatures(
  { store, folder }: OpenProject,
  { features, plan, context: { signal } }: Storing,
): Promise<void> {
  try {
    for (const slice of slicesOf(features)) {
      await setImmediate()
      if (signal.aborted) {
        throw new CancelledError()
      }
      store.transaction(() => {
        slice.forEach(store.features.put)
      })
    }
  } catch (error) {
    slicesOf(features).forEach(store.features.forget)
    await removeFiles(
      await ownPath(folder, `features/${plan.key}`),
      features.map(({ contentHash }) => contentHash),
    )
    throw error
  }
}

const slicesOf = (features: readonly Feature[]): Feature[][] =>
  Array.from({ length: Math.ceil(features.length / SLICE) }, (_, i) =>
    features.slice(i * SLICE, (i + 1) * SLICE),
  )

const knownFrames = ({ store }: OpenProject, key: string): number => store.featureSets.find(key)?.frames ?? 0

const bytesOf = ({ wanted, frames, dimension }: FeatureImportPlan, half: boolean): number =>
  wanted.length * (HEADER_BYTES + (half ? 2 : 4) * frames * dimension)

interface Taking {
  plan: FeatureImportPlan
  half: boolean
  context: JobContext
}

/** Writes the files of features; whatever ends it early, none of them stays. */
async function takeFeatures(
  workspace: Workspace,
  project: OpenProject,
  { plan: { key, wanted, limit }, half, context }: Taking,
): Promise<Feature[]> {
  const inside = `features/${key}`
  const folder = await ownPath(project.folder, inside)
  const names = wanted.map(({ clipId }) => ownContent(clipId))
  await project.presence.makeFolder(folder)
  try {
    const { written } = await workspace.engine.call(
      'features.take',
      {
        wanted: wanted.map(({ features }, i) => ({ name: names[i]!, features })),
        folder,
        frames: limit,
        half,
      },
      engineOptions(context),
    )
    const breathe = breather(context.signal)
    const features: Feature[] = []
    for (const [i, one] of written.entries()) {
      await breathe()
      features.push(await featureOf(one, { key, contentHash: names[i]!, inside, folder }))
    }
    return features
  } catch (error) {
    await removeFiles(folder, names)
    throw error
  }
}

async function featureOf(
  { frames, dimension, times, sha256 }: WrittenFeatures,
  { key, contentHash, inside, folder }: { key: string; contentHash: string; inside: string; folder: string },
): Promise<Feature> {
  const file = `${contentHash}.npy`
  const sign = signOf(await stat(join(folder, file)))
  return {
    key,
    contentHash,
    path: `${inside}/${file}`,
    frames,
    dimension,
    frameTimes: times ?? [],
    sha256,
    ...sign,
  }
}

/** Removes files of features, and their folder where nothing else is in it. */
async function removeFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await rm(join(folder, `${name}.npy`), { force: true })
  }
  await rmdir(folder).catch(() => undefined)
}
