/** Annotations taken in: verdicts, notes, tags, captions and corrections of people, from a file that an export wrote, or the archive of a project. */
import { basename } from 'node:path'
import { breather } from '../../../common/breather.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import type { Service } from '../../service.ts'
import type { Workspace } from '../../workspace.ts'
import { clipFinder } from '../clip-finder.ts'
import { unsayableWords } from './corrections.ts'
import type { NewCorrection } from './corrections.ts'
import { modelsByHash } from './neurons.ts'
import { planAnnotations } from './plan.ts'
import { annotationReader } from './read.ts'
import type { NewCaption } from './plan.ts'

/** A preview makes no caption and no correction, and so gives none an id. */
const NOT_YET_THERE: { newCaption: NewCaption; newCorrection: NewCorrection } = {
  newCaption: () => ({ kind: 'caption', captionId: 0, value: null }),
  newCorrection: () => ({ kind: 'correction.state', correctionId: 0, state: 'queued' }),
}

export function createAnnotations(workspace: Workspace) {
  const read = annotationReader()
  /** What has to be asked of files and the engine before a plan is made. */
  const knownHere = async (lines: readonly AnnotationLine[]) => ({
    find: await clipFinder(workspace.project(), { mapping: null, breathe: breather() }),
    unsayable: await unsayableWords(workspace, lines),
    modelsByHash: await modelsByHash(workspace.project(), lines),
  })

  return {
    async previewAnnotations({ path, prefer }) {
      const given = await read(path)
      const known = await knownHere(given.lines)
      return planAnnotations(workspace.project().store, given, { ...known, prefer, ...NOT_YET_THERE }).report
    },

    async importAnnotations({ path, prefer }, { who }) {
      const given = await read(path)
      const known = await knownHere(given.lines)
      return workspace.edit(who, (store, make) => {
        const newCaption: NewCaption = (...caption) => ({
          kind: 'caption',
          ...store.captions.typed(...caption),
        })
        const newCorrection: NewCorrection = (correction) => ({
          kind: 'correction.state',
          correctionId: store.corrections.add({ ...correction, neurons: [], leftOut: [] }).id,
          state: 'queued',
        })
        const { report, changes } = planAnnotations(store, given, {
          ...known,
          prefer,
          newCaption,
          newCorrection,
        })
        make(`take in ${count(changes.length, 'annotation')} of ${basename(resolvePath(path))}`, changes)
        return report
      })
    },
  } satisfies Partial<Service<'corpus'>>
}
