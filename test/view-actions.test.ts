/** What the palette knows of views that are not shown. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { viewActions } from '../scripts/view-actions.ts'

it('are read, with the keys of their titles, from the sources of the views, each under the view whose folder it is in', () => {
  const actions = viewActions(join(import.meta.dirname, '..', 'src-renderer', 'views'))
  expect(actions).toContainEqual({ id: 'review.fix', title: 'common.fixTheCaption', view: 'review' })
  expect(actions).toContainEqual({ id: 'topics.extract', title: 'common.extractTopics', view: 'topics' })
  expect(actions).toContainEqual({ id: 'features.join', title: 'features.joinFeatures', view: 'features' })
  expect(actions.length).toBeGreaterThan(80)
})
