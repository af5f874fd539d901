/** The sets of features of a project: listed, one of them made the current one, taken away. */
import { partKeys } from '../../store/index.ts'
import type { OpenProject, SingleChange } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { settingsOfCurrent } from './feature-settings.ts'

type Store = OpenProject['store']
type MakingEdit = Parameters<Workspace['edit']>[1]

export function createFeatureSets(workspace: Workspace) {
  return {
    featureSets: reads(['clip', 'feature', 'feature_set', 'model', 'setting'], () => {
      const { store } = workspace.project()
      const current = store.settings.get('featureSet')
      const models = store.models.list()
      const sets = store.featureSets.list().map(({ removed: _, ...set }) => ({
        ...set,
        current: set.key === current,
        models: models.filter(
          ({ featureKey }) => featureKey === set.key || partKeys(featureKey ?? '').includes(set.key),
        ).length,
      }))
      return {
        sets,
        clipsWithMedia: store.clips.countWithMedia(),
        suggested: settingsOfCurrent(workspace.project()),
      }
    }),

    useFeatures({ key }, { who }) {
      workspace.edit(who, (store, make) => {
        makeCurrent(store, make, key)
      })
    },

    removeFeatures({ key }, { who }) {
      workspace.edit(who, (store, make) => {
        const { title } = store.featureSets.get(key)
        const changes: SingleChange[] = [{ kind: 'features.removed', key, removed: true }]
        if (store.settings.get('featureSet') === key) {
          changes.unshift({ kind: 'features.current', key: successorOf(store, key) })
        }
        make(`remove the features of ${title}`, changes)
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

/** Makes a set the current one; no edit where it is already. Throws NOT_FOUND. */
export function makeCurrent(store: Store, make: Parameters<MakingEdit>[1], key: string): void {
  const { title } = store.featureSets.get(key)
  if (store.settings.get('featureSet') !== key) {
    make(`use the features of ${title}`, [{ kind: 'features.current', key }])
  }
}

/** The set that views go by when the current one is taken away: the latest other one. */
const successorOf = (store: Store, key: string): string | null =>
  store.featureSets.list().find((set) => set.key !== key)?.key ?? null
