/** What is done with clips of the corpus: the marked ones, or without any the one that is selected. */
import type { Ref } from 'vue'
import type { ClipRow, Split } from '#contract'
import { client } from '../../client.ts'
import { attempt, useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { ListCursor } from '../../composables/list-cursor.ts'
import { notices } from '../../composables/notices.ts'

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
  selected: Ref<number | null>,
  isShowingRemoved: () => boolean,
): ClipEdits {
  /** A selected clip may be of a page that is not loaded, or not in the list. */
  const chosen = (): number[] => {
    if (cursor.chosen.value.length > 0 || selected.value === null) {
      return cursor.chosen.value
    }
    return [selected.value]
  }
  const unchosen = (): string | null => (chosen().length === 0 ? 'Choose a clip first' : null)
  /** In the cursor's line, so that a key is not lost when it is pressed before the edit before it is made. */
  const edit = (change: (clipIds: number[]) => Promise<void>, goes: 'stays' | 'leaves') => (): void => {
    cursor.whenFilled(() =>
      attempt(async () => {
        const clipIds = chosen()
        const next = cursor.beside(clipIds)
        await change(clipIds)
        cursor.mark('none')
        if (goes === 'leaves') {
          selected.value = next ?? selected.value
        }
        await notices.offerUndo()
      }),
    )
  }

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
