/** What is done with clips of the corpus: the marked ones, or without any the one that is selected. */
import type { ClipRow, Split } from '#contract'
import { client } from '../../client.ts'
import type { ChosenClips } from '../../components/corpus/chosen-clips.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { ListCursor } from '../../composables/list-cursor.ts'
import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'

interface ClipEdits {
  moves: { split: Split; label: PlainKey; command: Command }[]
  remove: Command
  restore: Command
}

const section = 'common.corpus'
const MOVES = [
  {
    split: 'train',
    label: 'common.train',
    title: 'common.moveToTheTrainingSplit',
    keys: 'm t',
  },
  {
    split: 'val',
    label: 'common.val',
    title: 'common.moveToTheValidationSplit',
    keys: 'm v',
  },
  {
    split: 'test',
    label: 'common.testToo',
    title: 'common.moveToTheTestSplit',
    keys: 'm e',
  },
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
      title: 'common.removeFromTheCorpus',
      section,
      keys: 'delete',
      list: cursor,
      run: edit((clipIds) => client.corpus.removeClips({ clipIds }), 'leaves'),
      blocked: () => unchosen() ?? (isShowingRemoved() ? t('corpus.itIsRemovedAlready') : null),
    }),
    restore: useCommand({
      id: 'corpus.restore',
      title: 'corpus.restoreWhatWasRemoved',
      section,
      keys: 'r',
      list: cursor,
      run: edit((clipIds) => client.corpus.restoreClips({ clipIds }), 'leaves'),
      blocked: () => unchosen() ?? (isShowingRemoved() ? null : t('corpus.chooseAmongTheRemovedClips')),
    }),
  }
}
