import { createRouter, createWebHashHistory } from 'vue-router'
import { followDestination } from './composables/selection.ts'
import { VIEWS } from './views/index.ts'

/**
 * What is on screen is in the address: the view and what is selected there. Hash history works from files and
 * servers alike.
 */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', component: { render: () => null } },
    ...VIEWS.map((view) => ({
      name: view.name,
      path: `/${view.name}${view.selection}`,
      component: view.load,
    })),
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
followDestination(router)
