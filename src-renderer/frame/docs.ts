import type { RouteRecordNameGeneric } from 'vue-router'
import { docs } from '../composables/overlays.ts'
import { VIEWS } from '../views/index.ts'

/** Opens the page of a view; where there is none, that of projects. */
export function openDocs(view: RouteRecordNameGeneric): void {
  docs.value = { page: VIEWS.find(({ name }) => name === view)?.docs ?? 'projects', section: '' }
}
