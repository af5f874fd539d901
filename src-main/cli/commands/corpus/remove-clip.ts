import type { Command } from '../../command.ts'
import { CLIPS_OPTION, editClips } from './shared.ts'

export const removeClip: Command = {
  summary:
    'Takes clips out of the corpus: of lists, counts, splits and trainings. What was said of them stays.',
  operands: ['PROJECT'],
  options: { video: CLIPS_OPTION },
  notes: '`undo`, or `restore-clip`, brings clips back with all that was said of them.',
  json: '`{videos, edit}`.',
  run: (context) => editClips(context, (clipIds) => context.client.corpus.removeClips({ clipIds })),
}
