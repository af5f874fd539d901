/** Corrections of a file: they go into the queue of the current model, by their topics or by what is to be said. */
import { grouped } from '../../../common/grouped.ts'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import { isCaptioner } from '../../../store/index.ts'
import type { Captioner, OpenProject } from '../../../store/index.ts'
import { unknownWords } from '../../unknown-words.ts'
import type { Workspace } from '../../workspace.ts'

type Store = OpenProject['store']
export type CorrectionLine = Extract<AnnotationLine, { kind: 'correction' }>

/** A correction that is to be put in the queue. */
export type NewCorrection = Omit<Parameters<Store['corrections']['add']>[0], 'neurons' | 'leftOut'>

/** The model that corrections would be learnt from; null: there is none that can learn. */
export function correctedModel({ models, settings }: Store): Captioner | null {
  const currentId = settings.get('currentModel')
  const current = currentId === null ? null : models.get(currentId)
  return current !== null && isCaptioner(current) ? current : null
}

/** Words of the typed captions among the lines that the current model can't say, by caption. */
export async function unsayableWords(
  workspace: Workspace,
  project: OpenProject,
  { lines, signal }: { lines: readonly AnnotationLine[]; signal: AbortSignal },
): Promise<ReadonlyMap<string, string[]>> {
  const model = correctedModel(project.store)
  const captions = new Set(
    lines.flatMap((line) => (line.kind === 'correction' && line.topics.length === 0 ? [line.text] : [])),
  )
  const unsayable = new Map<string, string[]>()
  if (model === null) {
    return unsayable
  }
  for (const caption of captions) {
    const words = await unknownWords({ workspace, project, model, caption, options: { signal } })
    if (words.length > 0) {
      unsayable.set(caption, words)
    }
  }
  return unsayable
}

/** The topics of a model by their names in small letters; several may have the same. */
export const topicsByName = ({ topics }: Store, model: Captioner | null): Map<string, number[]> =>
  grouped(
    topics.getAll(model?.topics ?? []),
    ({ label }) => label.toLowerCase(),
    ({ id }) => id,
  )
