/**
 * The trash: where models go that a person deletes, and versions that are thrown away. Files and rows stay, and
 * undo or `restore` brings them back. Emptying it takes the files alone: verdicts, judgements and corrections
 * outlive every model.
 */
import type { VitrineError } from '../../common/failures.ts'
import { someOf } from '../../common/text.ts'
import { removeWithLeftovers } from '../../formats/atomic.ts'
import { folderSize } from '../../formats/folder-size.ts'
import type { Model, OpenProject, SingleChange, Store } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { modelFolder, presentModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { intoTrash, outOfTrash, runFolder } from '../version.ts'

export function createTrash(workspace: Workspace) {
  return {
    /** Throws NOT_FOUND, CONFLICT for one that others rest on. */
    remove({ modelId }, { who }) {
      workspace.edit(who, (store, make) => {
        const model = presentModel(store, modelId)
        const obstacle = whyUndeletable(store, model)
        if (obstacle !== null) {
          throw obstacle
        }
        make(`delete model ${modelId} (${model.kind})`, intoTrash(store, modelId))
      })
    },

    trash: reads(['model'], () => {
      const project = workspace.project()
      return Promise.all(
        project.store.models.trash('held').map(async (model) => ({
          id: model.id,
          parent: model.parent,
          kind: model.kind,
          origin: model.origin,
          seed: model.seed,
          series: model.series,
          createdAt: model.createdAt,
          note: model.note,
          external: model.external,
          trashedAt: model.trashedAt ?? '',
          bytes: await sizeOf(project, model),
        })),
      )
    }),

    /** Throws NOT_FOUND, CONFLICT for one that is not in the trash. */
    restore({ modelId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { kind } = trashedModel(store, modelId)
        make(`restore model ${modelId} (${kind})`, [
          ...outOfTrash(store, modelId),
          ...sweepOutOfTrash(store, modelId),
        ])
      })
    },

    /** Throws NOT_FOUND, CONFLICT for one that is not in the trash. */
    async emptyTrash({ modelIds }) {
      const project = workspace.project()
      const { models } = project.store
      const emptied =
        modelIds === null
          ? models.trash('held')
          : [...new Set(modelIds)].map((id) => trashedModel(project.store, id))
      const sizes = await Promise.all(emptied.map((model) => sizeOf(project, model)))
      // First the rows: a model of which half the files are gone must not come back.
      project.store.transaction(() => {
        emptied.forEach(({ id }) => {
          models.setEmptied(id)
        })
      })
      // With what an earlier emptying left that did not get to its end.
      await Promise.all(
        models
          .trash('emptied')
          .flatMap((model) => foldersOf(project, model))
          .map(removeWithLeftovers),
      )
      return { models: emptied.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) }
    },
  } satisfies Partial<Service<'training'>>
}

/** A sweep comes back with the first of its models that does. */
function sweepOutOfTrash(store: Store, modelId: number): SingleChange[] {
  const sweepId = store.sweeps.ofModel(modelId)
  return sweepId === null || !store.sweeps.get(sweepId).trashed
    ? []
    : [{ kind: 'sweep.trashed', sweepId, trashed: false }]
}

function trashedModel(store: Store, modelId: number): Model {
  const model = store.models.get(modelId)
  switch (model.trash) {
    case 'held':
      return model
    case 'emptied':
      throw failures.emptied({ modelId })
    case null:
      throw failures.notInTrash({ modelId })
  }
}

/** What rests on a model, or null where nothing does. */
export function whyUndeletable(store: Store, { id: modelId, state }: Model): VitrineError | null {
  if (store.settings.get('currentModel') === modelId) {
    return failures.currentUndeletable({ modelId })
  }
  if (state === 'training') {
    return failures.inTrainingUndeletable({ modelId })
  }
  const children = store.models.list().filter(({ parent }) => parent === modelId)
  if (children.length > 0) {
    return failures.parentUndeletable({ modelId, versions: someOf(children.map(({ id }) => String(id))) })
  }
  const queued = store.corrections.list().filter((correction) => isQueuedOf(modelId, correction))
  return queued.length > 0 ? failures.queuedUndeletable({ modelId, corrections: queued.length }) : null
}

const isQueuedOf = (modelId: number, { parent, state }: { parent: number; state: string }): boolean =>
  parent === modelId && state === 'queued'

const foldersOf = (project: OpenProject, model: Model): string[] => [
  modelFolder(project, model),
  runFolder(project, model),
]

/** Bytes of a model's files and of its run's. */
async function sizeOf(project: OpenProject, model: Model): Promise<number> {
  const sizes = await Promise.all(foldersOf(project, model).map(folderSize))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
