/** Sweeps: captioners that are trained alike but for some settings, and compared by accuracy and interpretability. */
import type { SingleChange } from '../../store/index.ts'
import type { OpenProject, Table } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { freeSpace } from '../space.ts'
import { trainingInputs } from '../training/inputs.ts'
import type { TrainingInputs } from '../training/inputs.ts'
import { failures as trainingFailures } from '../training/failures.ts'
import { bytesOfRuns } from '../training/space.ts'
import { whyUndeletable } from '../training/trash.ts'
import { intoTrash } from '../version.ts'
import { currentFeatures } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { describeSweep } from './describe.ts'
import { secondsOfRuns } from './estimate.ts'
import { failures } from './failures.ts'
import { plannedRuns } from './plan.ts'
import { isLeft, runSweep } from './run.ts'

/** The tables that a description reads. */
const TABLES = ['model', 'sweep', 'sweep_run'] as const satisfies readonly Table[]

export function createSweeps(workspace: Workspace): Service<'sweeps'> {
  /** Begins the job of a sweep that is written down; it takes the place of the one before. */
  const work = (project: OpenProject, sweepId: number): { jobId: number } => {
    const { sweeps } = project.store
    const { jobId: before } = sweeps.get(sweepId)
    const runs = sweeps.runs(sweepId).length
    const jobId = workspace.jobs.start(
      'sweep',
      `Sweep ${sweepId}: ${runs} runs`,
      { procedure: 'sweeps.resume', input: { sweepId } },
      (context) => runSweep(workspace, project, sweepId, context),
    )
    if (before !== null) {
      workspace.jobs.restarted(before, jobId)
    }
    sweeps.setJob(sweepId, jobId)
    return { jobId }
  }

  return {
    async plan(request) {
      const project = workspace.project()
      requireInputs(project)
      const runs = plannedRuns(project, request)
      const settings = runs.map((run) => run.settings)
      return {
        runs,
        seconds: secondsOfRuns(project, runs),
        needed: bytesOfRuns(project, settings),
        free: await freeSpace(project.folder),
      }
    },

    start(request) {
      const project = workspace.project()
      const { featureKey, topics, inputs } = requireInputs(project)
      const runs = plannedRuns(project, request)
      const sweepId = project.store.sweeps.add(
        { inputs: inputs.digests, featureKey, topics, device: request.device },
        runs,
      )
      return { ...work(project, sweepId), sweepId }
    },

    /** Throws NOT_FOUND, CONFLICT. */
    resume({ sweepId }) {
      const project = workspace.project()
      const { sweeps } = project.store
      const { trashed, jobId } = sweeps.get(sweepId)
      if (trashed) {
        throw failures.trashed({ sweepId })
      }
      if (workspace.jobs.active().some(({ id }) => id === jobId)) {
        throw failures.atWork({ sweepId })
      }
      if (!sweeps.runs(sweepId).some(isLeft)) {
        throw failures.nothingLeft({ sweepId })
      }
      return work(project, sweepId)
    },

    list: reads(TABLES, () => {
      const project = workspace.project()
      return project.store.sweeps.list().map((sweep) => describeSweep(project, sweep))
    }),

    get: reads(TABLES, ({ sweepId }) => {
      const project = workspace.project()
      return describeSweep(project, project.store.sweeps.get(sweepId))
    }),

    /** Throws NOT_FOUND, CONFLICT while it is at work, and for a model that others rest on. */
    remove({ sweepId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { trashed, jobId } = store.sweeps.get(sweepId)
        if (trashed) {
          throw failures.trashed({ sweepId })
        }
        if (workspace.jobs.active().some(({ id }) => id === jobId)) {
          throw failures.atWork({ sweepId })
        }
        const models = store.sweeps
          .runs(sweepId)
          .flatMap(({ modelId }) => modelId ?? [])
          .map((modelId) => store.models.get(modelId))
          .filter(({ trash }) => trash === null)
        const obstacle = models.map((model) => whyUndeletable(store, model)).find((why) => why !== null)
        if (obstacle !== undefined) {
          throw obstacle
        }
        const changes: SingleChange[] = [
          ...models.flatMap(({ id }) => intoTrash(store, id)),
          { kind: 'sweep.trashed', sweepId, trashed: true },
        ]
        make(`delete sweep ${sweepId}`, changes)
      })
    },
  }
}

/** What the runs of a sweep learn from and are measured on. Throws NOT_READY before all of it is there. */
function requireInputs(project: OpenProject): {
  featureKey: string
  topics: number[]
  inputs: TrainingInputs
} {
  const { key: featureKey } = currentFeatures(project)
  const topics = project.store.topics.current().map(({ id }) => id)
  if (topics.length === 0) {
    throw trainingFailures.noTopics()
  }
  const inputs = trainingInputs(project, featureKey, topics)
  if (inputs.standIn) {
    throw failures.noValidation()
  }
  return { featureKey, topics, inputs }
}
