/**
 * What can be done in each view, read from the sources of the window when it is built: commands live only while their view
 * is shown, and the palette knows those of all others from here.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NAME = 'virtual:view-actions'
/** A view's name, and the folder of its sources. */
const VIEW = /name: '(\w+)',[^}]*?import\('\.\/(.*?)\/\w+\.vue'\)/g
/** A command that is declared with a name and the key of its title, and what follows. */
const COMMAND = /\bid: '([\w.]+)',\s*title: '((?:[^'\\]|\\.)*)'([^}]*)/g

interface ViewAction {
  id: string
  /** A key of the window's catalogues. */
  title: string
  view: string
}

/** The actions that are declared in the sources of views. Quiet ones are none of the palette's. */
export function viewActions(views: string): ViewAction[] {
  const folders = [...readFileSync(join(views, 'index.ts'), 'utf8').matchAll(VIEW)].map(
    ([, view = '', folder = '']) => ({ view, folder }),
  )
  const actions = new Map<string, ViewAction>()
  for (const file of readdirSync(views, { recursive: true, encoding: 'utf8' }).sort()) {
    const place = dirname(file).replaceAll('\\', '/')
    // A view may lie in the folder of another: the deepest is its own.
    const view = folders
      .filter(({ folder }) => `${place}/`.startsWith(`${folder}/`))
      .sort((a, b) => b.folder.length - a.folder.length)[0]?.view
    if (view === undefined || !/\.(vue|ts)$/.test(file)) {
      continue
    }
    for (const [, id = '', title = '', rest = ''] of readFileSync(join(views, file), 'utf8').matchAll(
      COMMAND,
    )) {
      if (!rest.includes('quiet: true')) {
        actions.set(id, { id, title, view })
      }
    }
  }
  return [...actions.values()]
}

/** Vite's way to them: `import { VIEW_ACTIONS } from 'virtual:view-actions'`. */
export const viewActionsPlugin = (views: string) => ({
  name: 'view-actions',
  resolveId: (id: string) => (id === NAME ? `\0${NAME}` : null),
  load: (id: string) =>
    id === `\0${NAME}` ? `export const VIEW_ACTIONS = ${JSON.stringify(viewActions(views))}` : null,
})
