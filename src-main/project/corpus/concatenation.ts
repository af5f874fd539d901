/**
 * Sets of features that are joined of others: frame by frame the values of one, then those of the next. Nothing is
 * copied: a joined set is its parts' keys, and files are read side by side, so that what comes to a part is in it.
 */
import { count } from '../../common/text.ts'
import { cellsOfOrigin, joinedKey, partKeys } from '../../store/index.ts'
import type { FeatureSet, OpenProject } from '../../store/index.ts'
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { makeCurrent } from './feature-sets.ts'

export function createConcatenation(workspace: Workspace) {
  return {
    concatenateFeatures({ keys: chosen, title }, { who }) {
      return workspace.edit(who, (store, make) => {
        const keys = chosen.flatMap(partKeys)
        const sets = keys.map((key) => store.featureSets.get(key))
        const twice = sets.find(({ key }, place) => keys.indexOf(key) !== place)
        if (twice !== undefined) {
          throw failures.featuresJoinedTwice({ title: twice.title })
        }
        const cells = new Set(sets.map(({ origin }) => cellsOfOrigin(origin)).filter((side) => side > 1))
        if (cells.size > 1) {
          throw failures.cellsDiffer({ titles: sets.map(({ title }) => title).join(' and ') })
        }
        const key = joinedKey(keys)
        const titles = sets.map((set) => set.title)
        store.featureSets.put({
          key,
          title: title ?? titles.join(' + '),
          origin: { kind: 'concatenation', keys },
          frames: Math.max(...sets.map(({ frames }) => frames)),
          dimension: sets.reduce((sum, { dimension }) => sum + dimension, 0),
        })
        const clips = store.features.count(key)
        if (clips === 0) {
          throw failures.noClipHasAllFeatures({ titles: titles.join(' and ') })
        }
        makeCurrent(store, make, key)
        return { key, clips, notices: noticesOf(store, sets, clips) }
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

function noticesOf({ features }: OpenProject['store'], sets: readonly FeatureSet[], clips: number): string[] {
  const most = Math.max(...sets.map(({ key }) => features.count(key)))
  const frames = new Set(sets.map((set) => set.frames))
  return [
    ...(most > clips
      ? [`${count(most - clips, 'clip')} have features of some of them only, and are left out.`]
      : []),
    ...(frames.size > 1
      ? [
          'They saw different frames: the set with most of a clip gives its frames, and each other the nearest that it has.',
        ]
      : []),
  ]
}
