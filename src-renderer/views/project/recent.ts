/** How a project of the list is described: what it held, and what comes next. */
import type { RecentProject } from '#contract'
import { plural } from '../../composables/format.ts'

/** "240 clips, 28 topics, 2 models", "11 clips, no features yet"; empty: what it holds is not known. */
export function stateOf({ state }: Pick<RecentProject, 'state'>): string {
  if (state === null) {
    return ''
  }
  const { clips, withFeatures, topics, models } = state
  if (clips === 0) {
    return 'no clips yet'
  }
  const parts = [plural(clips, 'clip')]
  if (topics > 0) {
    parts.push(plural(topics, 'topic'))
  }
  if (models > 0) {
    parts.push(plural(models, 'model'))
  } else if (withFeatures === 0) {
    parts.push('no features yet')
  } else {
    parts.push(topics === 0 ? 'no topics yet' : 'no model yet')
  }
  return parts.join(', ')
}
