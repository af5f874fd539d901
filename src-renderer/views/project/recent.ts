/** How a project of the list is described: what it held, and what comes next. */
import type { RecentProject } from '#contract'
import { plural } from '../../composables/format.ts'
import { t } from '../../language/index.ts'

/** "240 clips, 28 topics, 2 models", "11 clips, no features yet"; empty: what it holds is not known. */
export function stateOf({ state }: Pick<RecentProject, 'state'>): string {
  if (state === null) {
    return ''
  }
  const { clips, withFeatures, topics, models } = state
  if (clips === 0) {
    return t('project.noClipsYet')
  }
  const parts = [plural(clips, 'clip')]
  if (topics > 0) {
    parts.push(plural(topics, 'topic'))
  }
  if (models > 0) {
    parts.push(plural(models, 'model'))
  } else if (withFeatures === 0) {
    parts.push(t('project.noFeaturesYet'))
  } else {
    parts.push(topics === 0 ? t('project.noTopicsYet') : t('project.noModelYet'))
  }
  return parts.join(', ')
}
