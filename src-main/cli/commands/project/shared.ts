import type { ProjectSummary } from '#contract'
import type { Command, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

/** A project's figures. */
export function projectResult(summary: ProjectSummary | null, more: object = {}): Result {
  if (summary === null) {
    return { text: '', json: null }
  }
  const { name, clips, captions, splits, withFeatures, topics, models } = summary
  const header = ['project', 'clips', 'captions', 'train', 'val', 'test', 'with features', 'topics', 'models']
  return {
    text: table(header, [
      [name, clips, captions, splits.train, splits.val, splits.test, withFeatures, topics, models],
    ]),
    json: { ...summary, ...more },
  }
}

const NOTHING_LEFT = { undo: failures.nothingToUndo, redo: failures.nothingToRedo } as const
const TAKEN = { undo: 'undone', redo: 'redone' } as const

/** One step back or forth in the history of edits; says what the next steps would be. */
export const takeStep =
  (direction: 'undo' | 'redo'): Command['run'] =>
  async (context) => {
    const { client } = context
    await openProject(context)
    const label = (await client.project.edits())[direction]
    if (label === null) {
      throw NOTHING_LEFT[direction]()
    }
    const { undo, redo } = await client.project[direction]()
    return {
      text: [
        `${direction === 'undo' ? 'Undone' : 'Redone'}: ${label}`,
        undo === null ? 'Nothing to undo.' : `Undo: ${undo}`,
        redo === null ? 'Nothing to redo.' : `Redo: ${redo}`,
      ].join('\n'),
      json: { [TAKEN[direction]]: label, undo, redo },
    }
  }
