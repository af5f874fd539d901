import { noteText } from '#contract'
import type { Command } from '../../command.ts'
import { NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'

export const note: Command = {
  summary: 'Puts your note on a clip; an empty one takes it away.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  json: '`{video, note}`.',
  async run(context) {
    const { args, client } = context
    const video = args.required('video')
    const text = args.operandAs('TEXT', noteText)
    await openProject(context)
    const { clipId, name } = await client.corpus.find({ clip: video })
    const { edit } = await recordedEdit(context, () => client.review.note({ clipId, note: text }))
    return { text: edit ?? NOTHING_CHANGED, json: { video: name, note: text } }
  },
}
