/** The classifier of actions that goes along with an exported model: that of its neurons in its newest comparison. */
import { basename } from 'node:path'
import { actionFigures } from '#contract'
import type { ActionHead, ActionsResult } from '#contract'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { json } from './files.ts'
import type { OutFile } from './files.ts'

export interface Classifier {
  result: ActionsResult
  source: ActionsResult['sources'][number]
  head: ActionHead
}

/** Null: its neurons were not compared, or by an older version that kept no classifier. */
export function classifierOf({ store: { actions } }: OpenProject, { id }: Captioner): Classifier | null {
  for (const result of actions.list()) {
    const place = result.sources.findIndex(({ of, modelId }) => of === 'neurons' && modelId === id)
    const head = place < 0 ? null : actions.head(result.id, place)
    if (head !== null) {
      return { result, source: result.sources[place]!, head }
    }
  }
  return null
}

/** Its classes in the order of its answers, and how it fared on clips that it had not learnt from. */
export function classesFile({ result, source, head }: Classifier): OutFile {
  const { clips, groups, classes, division, folds, repeats, pairs, createdAt } = result
  const corpus = basename(result.source.replaceAll('\\', '/'))
  return {
    name: 'classes.json',
    pieces: [
      json({
        classes,
        corpus,
        clips,
        groups,
        division,
        folds,
        repeats,
        pairs,
        createdAt,
        strength: head.strength,
        figures: actionFigures.parse(source),
      }),
    ],
  }
}
