/** Filters of a list that people keep by a name. */
import { savedView } from '#contract'
import type { SavedView } from '#contract'
import type { StoredView } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

export function createSavedViews(workspace: Workspace) {
  return {
    savedViews: reads(['setting'], () =>
      workspace.project().store.settings.get('savedViews').flatMap(asKnown),
    ),

    saveView({ list, name, filter }, { who }) {
      workspace.edit(who, (_store, make) => {
        make(`save the view "${name}"`, [{ kind: 'saved.view', list, name, filter }])
      })
    },

    forgetView({ list, name }, { who }) {
      workspace.edit(who, (store, make) => {
        if (!store.settings.get('savedViews').some((view) => view.list === list && view.name === name)) {
          throw failures.viewUnknown({ name })
        }
        make(`forget the view "${name}"`, [{ kind: 'saved.view', list, name, filter: null }])
      })
    },
  } satisfies Partial<Service<'project'>>
}

/** A view that filters by what this version does not know is kept, and not shown. */
function asKnown(stored: StoredView): SavedView[] {
  const { success, data } = savedView.safeParse(stored)
  return success ? [data] : []
}
