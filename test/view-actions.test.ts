/** What the palette knows of views that are not shown. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { viewActions } from '../scripts/view-actions.ts'

it('are read from the sources of the views, each under the view whose folder it is in', () => {
  const actions = viewActions(join(import.meta.dirname, '..', 'src-renderer', 'views'))
  expect(actions).toContainEqual({ id: 'review.fix', title: 'Fix the caption', view: 'review' })
  expect(actions).toContainEqual({ id: 'topics.extract', title: 'Extract topics', view: 'topics' })
  expect(actions).toContainEqual({ id: 'features.join', title: 'Join features', view: 'features' })
  expect(actions.length).toBeGreaterThan(80)
})
