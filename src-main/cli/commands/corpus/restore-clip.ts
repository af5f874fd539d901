import type { Command } from '../../command.ts'
import { CLIPS_OPTION, editClips } from './shared.ts'

export const restoreClip: Command = {
  summary: 'Brings removed clips back, with all that was said of them.',
  operands: ['PROJECT'],
  options: { video: CLIPS_OPTION },
  json: '`{videos, edit}`.',
  run: (context) => editClips(context, (clipIds) => context.client.corpus.restoreClips({ clipIds })),
}
