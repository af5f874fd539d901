/** Annotations taken in: verdicts, notes, tags and captions of people, from a file that an export wrote, or the archive of a project. */
import { basename } from 'node:path'
import { breather } from '../../../common/breather.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { Service } from '../../service.ts'
import type { Workspace } from '../../workspace.ts'
import { clipFinder } from '../clip-finder.ts'
import { planAnnotations } from './plan.ts'
import { annotationReader } from './read.ts'
import type { NewCaption } from './plan.ts'

/** A preview makes no caption, and so gives none an id. */
const notYetThere: NewCaption = () => ({ kind: 'caption', captionId: 0, value: null })

export function createAnnotations(workspace: Workspace) {
  const read = annotationReader()
  const finder = () => clipFinder(workspace.project(), { mapping: null, breathe: breather() })

  return {
    async previewAnnotations({ path, prefer }) {
      const lines = await read(path)
      const find = await finder()
      return planAnnotations(workspace.project().store, lines, { find, prefer, newCaption: notYetThere })
        .report
    },

    async importAnnotations({ path, prefer }, { who }) {
      const lines = await read(path)
      const find = await finder()
      return workspace.edit(who, (store, make) => {
        const newCaption: NewCaption = (...caption) => ({
          kind: 'caption',
          ...store.captions.typed(...caption),
        })
        const { report, changes } = planAnnotations(store, lines, { find, prefer, newCaption })
        make(`take in ${count(changes.length, 'annotation')} of ${basename(resolvePath(path))}`, changes)
        return report
      })
    },
  } satisfies Partial<Service<'corpus'>>
}
