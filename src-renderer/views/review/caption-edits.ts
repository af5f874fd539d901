/** What is done with clips of the queue beside judging: the marked ones, or without any the one that is selected. */
import type { Split } from '#contract'
import { client } from '../../client.ts'
import type { ChosenClips } from '../../components/corpus/chosen-clips.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { PlainKey } from '../../language/index.ts'

const section = 'common.review'
const MOVES = [
  {
    split: 'train',
    label: 'common.train',
    id: 'review.move.train',
    title: 'common.moveToTheTrainingSplit',
  },
  {
    split: 'val',
    label: 'common.val',
    id: 'review.move.val',
    title: 'common.moveToTheValidationSplit',
  },
  {
    split: 'test',
    label: 'common.testToo',
    id: 'review.move.test',
    title: 'common.moveToTheTestSplit',
  },
] as const

export function useCaptionEdits({ edit, unchosen }: ChosenClips): {
  moves: { split: Split; label: PlainKey; command: Command }[]
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
      title: 'common.removeFromTheCorpus',
      section,
      run: edit((clipIds) => client.corpus.removeClips({ clipIds }), 'leaves'),
      blocked: unchosen,
    }),
  }
}
