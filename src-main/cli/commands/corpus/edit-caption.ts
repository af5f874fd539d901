import { captionText } from '#contract'
import type { Command } from '../../command.ts'
import { CAPTION_OPTION, captionOf, editCaptions } from './shared.ts'

export const editCaption: Command = {
  summary: "Puts another text in a human caption's place.",
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' }, caption: CAPTION_OPTION },
  json: '`{video, captions: [{id, text}], edit}`: the captions as they are now.',
  run(context) {
    const { args, client } = context
    const text = args.operandAs('TEXT', captionText)
    const caption = args.required('caption')
    return editCaptions(context, (clip) =>
      client.corpus.editCaption({ captionId: captionOf(clip, caption), text }),
    )
  },
}
