import { captionText } from '#contract'
import type { Command } from '../../command.ts'
import { NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'

export const addCaption: Command = {
  summary: 'Adds a human caption to a clip.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  json: '`{video, captions}`.',
  async run(context) {
    const { args, client } = context
    const video = args.required('video')
    const text = args.operandAs('TEXT', captionText)
    await openProject(context)
    const { clipId, name } = await client.corpus.find({ clip: video })
    const { edit } = await recordedEdit(context, () => client.corpus.addCaption({ clipId, text }))
    const { captions } = await client.corpus.clip({ clipId })
    return {
      text: edit ?? NOTHING_CHANGED,
      json: { video: name, captions: captions.map((caption) => caption.text) },
    }
  },
}
