import type { HumanCaption } from '#contract'
import type { Command } from '../../command.ts'
import { idCell, table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const listCaptions: Command = {
  summary: 'Shows the human captions of a clip, with what is known of each.',
  operands: ['PROJECT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  notes:
    'Captions in another language than the one that the project works in come last, and take part in nothing: ' +
    '[languages](captions.md#languages).',
  json:
    '`{video, captions: [{id, text, language, author, source}], otherCaptions}`: the same of those in other ' +
    'languages than the one that the project works in.',
  async run(context) {
    const { args, client } = context
    const video = args.required('video')
    await openProject(context)
    const { clipId, name } = await client.corpus.find({ clip: video })
    const { captions, otherCaptions } = await client.corpus.clip({ clipId })
    return {
      text: table(
        ['id', 'caption', 'language', 'author', 'source'],
        [...captions, ...otherCaptions].map(row),
      ),
      json: { video: name, captions, otherCaptions },
    }
  },
}

const row = ({ id, text, language, author, source }: HumanCaption) => [
  idCell(id),
  text,
  language,
  author,
  source,
]
