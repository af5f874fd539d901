/** What an action on clips is for, and how it is done: the marked ones, or without any the one that is selected. */
import type { Ref } from 'vue'
import { attempt } from '../../composables/commands.ts'
import type { ListCursor } from '../../composables/list-cursor.ts'
import { notices } from '../../composables/notices.ts'
import { t } from '../../language/index.ts'

export interface ChosenClips {
  chosen(): number[]
  /** Why nothing can be done: none is chosen. */
  unchosen(): string | null
  /**
   * One edit of the chosen clips, which stay in the list or leave it; in the cursor's line, so that a key is not lost when it
   * is pressed before the edit before it is made.
   */
  edit(change: (clipIds: number[]) => Promise<unknown>, goes: 'stays' | 'leaves'): () => void
}

export function useChosenClips<Row>(
  cursor: ListCursor<Row, number>,
  selected: Ref<number | null>,
): ChosenClips {
  /** A selected clip may be of a page that is not loaded, or not in the list. */
  const chosen = (): number[] => {
    if (cursor.chosen.value.length > 0 || selected.value === null) {
      return cursor.chosen.value
    }
    return [selected.value]
  }
  return {
    chosen,
    unchosen: () => (chosen().length === 0 ? t('common.chooseAClipFirst') : null),
    edit: (change, goes) => () => {
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
    },
  }
}
