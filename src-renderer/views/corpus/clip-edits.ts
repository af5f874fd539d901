/** What is done with clips of the corpus: the marked ones, or without any the one that is selected. */
import type { ClipRow, Split } from '#contract'
import { client } from '../../client.ts'
import type { ChosenClips } from '../../components/corpus/chosen-clips.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { ListCursor } from '../../composables/list-cursor.ts'

interface ClipEdits {
  moves: { split: Split; label: string; command: Command }[]
  remove: Command
  restore: Command
}

const section = 'Corpus'
const MOVES = [
  { split: 'train', label: 'Train', title: 'Move to the training split', keys: 'm t' },
  { split: 'val', label: 'Val', title: 'Move to the validation split', keys: 'm v' },
  { split: 'test', label: 'Test', title: 'Move to the test split', keys: 'm e' },
] as const

/** `isShowingRemoved`: the list is of removed clips. */
export function useClipEdits(
  cursor: ListCursor<ClipRow, number>,
  { edit, unchosen }: ChosenClips,
  isShowingRemoved: () => boolean,
): ClipEdits {
  return {
    moves: MOVES.map(({ split, label, title, keys }) => ({
      split,
      label,
      command: useCommand({
        id: `corpus.move.${split}`,
        title,
        section,
        keys,
        list: cursor,
        run: edit((clipIds) => client.corpus.moveClips({ clipIds, split }), 'stays'),
        blocked: unchosen,
      }),
    })),
    remove: useCommand({
      id: 'corpus.remove',
      title: 'Remove from the corpus',
      section,
      keys: 'delete',
      list: cursor,
      run: edit((clipIds) => client.corpus.removeClips({ clipIds }), 'leaves'),
      blocked: () => unchosen() ?? (isShowingRemoved() ? 'It is removed already' : null),
    }),
    restore: useCommand({
      id: 'corpus.restore',
      title: 'Restore what was removed',
      section,
      keys: 'r',
      list: cursor,
      run: edit((clipIds) => client.corpus.restoreClips({ clipIds }), 'leaves'),
      blocked: () => unchosen() ?? (isShowingRemoved() ? null : 'Choose among the removed clips'),
    }),
  }
}
