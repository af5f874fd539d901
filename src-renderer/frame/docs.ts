import type { RouteRecordNameGeneric } from 'vue-router'
import { docs } from '../composables/overlays.ts'
import { VIEWS } from '../views/index.ts'

/** Opens the page of a view. */
export function openDocs(view: RouteRecordNameGeneric): void {
  docs.value = { page: pageOf(view), section: '' }
}

/** The page of a view; where no view is shown, that of projects. */
export const pageOf = (view: RouteRecordNameGeneric): string =>
  VIEWS.find(({ name }) => name === view)?.docs ?? 'projects'

/** Opens a page of the docs as a site, in a window of its own. */
export function openSite(page: string, section = ''): void {
  window.open(`/docs/${page}.html${section === '' ? '' : `#${section}`}`, '_blank', 'noopener')
}
