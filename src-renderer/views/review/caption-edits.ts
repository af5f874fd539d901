/** What is done with clips of the queue beside judging: the marked ones, or without any the one that is selected. */
import type { Split } from '#contract'
import { client } from '../../client.ts'
import type { ChosenClips } from '../../components/corpus/chosen-clips.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'

const section = 'Review'
const MOVES = [
  { split: 'train', label: 'Train', id: 'review.move.train', title: 'Move to the training split' },
  { split: 'val', label: 'Val', id: 'review.move.val', title: 'Move to the validation split' },
  { split: 'test', label: 'Test', id: 'review.move.test', title: 'Move to the test split' },
] as const

export function useCaptionEdits({ edit, unchosen }: ChosenClips): {
  moves: { split: Split; label: string; command: Command }[]
  remove: Command
} {
  return {
    moves: MOVES.map(({ split, label, id, title }) => ({
      split,
      label,
      command: useCommand({
        id,
        title,
        section,
        run: edit((clipIds) => client.corpus.moveClips({ clipIds, split }), 'leaves'),
        blocked: unchosen,
      }),
    })),
    remove: useCommand({
      id: 'review.remove',
      title: 'Remove from the corpus',
      section,
      run: edit((clipIds) => client.corpus.removeClips({ clipIds }), 'leaves'),
      blocked: unchosen,
    }),
  }
}
