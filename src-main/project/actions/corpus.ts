/** A corpus of actions, whatever it comes as: read by names alone, divided, and only then given features. */
import { stat } from 'node:fs/promises'
import { resolvePath } from '../../common/files/paths.ts'
import type { OpenProject } from '../../store/index.ts'
import type { ActionCorpus } from './action-clip.ts'
import { readClassFolders } from './class-folders.ts'
import { readClassTable } from './class-table.ts'
import { failures } from './failures.ts'
import type { Division } from './rounds.ts'
import { readSplits } from './split-files.ts'

interface CorpusRequest {
  clips: string
  splits: string | null
  leaveOneGroupOut: boolean
  folds: number
  repeats: number
  seed: number
}

/**
 * The clips of a folder or a table, and how they are to be divided: by split files, by one group at a time, or in folds.
 * Clips that no split file names are left out.
 */
export async function readActionCorpus(
  project: OpenProject,
  request: CorpusRequest,
  notice: (text: string) => void,
): Promise<{ corpus: ActionCorpus; division: Division }> {
  const path = resolvePath(request.clips)
  if (request.splits !== null && request.leaveOneGroupOut) {
    throw failures.twoDivisions()
  }
  const corpus = (await isFile(path))
    ? await readClassTable(project, path, notice)
    : await readClassFolders(path, notice)
  const splits =
    request.splits === null
      ? corpus.splits
      : await readSplits(resolvePath(request.splits), corpus.clips, notice)
  if (request.leaveOneGroupOut) {
    return { corpus, division: { kind: 'groups' } }
  }
  if (splits.length > 0) {
    const named = new Set(splits.flatMap(({ train, test }) => [...train, ...test]))
    return {
      corpus: { ...corpus, clips: corpus.clips.filter(({ name }) => named.has(name)) },
      division: { kind: 'given', splits },
    }
  }
  const seeds = Array.from({ length: request.repeats }, (_, i) => request.seed + i)
  return { corpus, division: { kind: 'folds', folds: request.folds, seeds } }
}

/** The names of the classes, in order. */
export const classesOf = ({ clips }: Pick<ActionCorpus, 'clips'>): string[] =>
  [...new Set(clips.map(({ className }) => className))].sort()

/** What is not there is a folder that is missing. */
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
