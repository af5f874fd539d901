import { split as splits } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { CLIPS_OPTION, editClips } from './shared.ts'

export const moveClip: Command = {
  summary: 'Moves clips to another split.',
  operands: ['PROJECT'],
  options: { video: CLIPS_OPTION, split: { value: 'SPLIT', help: splits.options.join(', ') } },
  notes: 'Models that were trained before say from then on [which clips moved](training.md#stale-models).',
  json: '`{videos, split, edit}`.',
  run(context) {
    const split = context.args.oneOf('split', splits.options)
    if (split === undefined) {
      throw new UsageError('--split is missing')
    }
    return editClips(context, (clipIds) => context.client.corpus.moveClips({ clipIds, split }), { split })
  },
}
