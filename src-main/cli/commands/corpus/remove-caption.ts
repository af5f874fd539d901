import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { CAPTION_OPTION, captionOf, editCaptions } from './shared.ts'

export const removeCaption: Command = {
  summary: 'Takes human captions of a clip away; undo brings them back.',
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', help: 'the clip, by name or id' },
    caption: { ...CAPTION_OPTION, multiple: true },
  },
  json: '`{video, captions: [{id, text}], edit}`: the captions that are left.',
  run(context) {
    const { args, client } = context
    const captions = args.list('caption')
    if (captions.length === 0) {
      throw new UsageError('--caption is missing')
    }
    return editCaptions(context, (clip) =>
      client.corpus.removeCaptions({ captionIds: captions.map((caption) => captionOf(clip, caption)) }),
    )
  },
}
