import type { Command, CommandContext } from '../../command.ts'
import { table } from '../../table.ts'
import { openProject, recordedEdit } from '../shared.ts'

export const languages: Command = {
  summary: 'Shows the languages that captions are in, or chooses the one that the project works in.',
  operands: ['PROJECT'],
  options: { use: { value: 'NAME', help: 'a language, such as en; or all' } },
  notes:
    'Captions in another language than that take part in nothing: not in topics, trainings, metrics, checks and ' +
    'counts. They are found by the search, and are there again when their language is chosen. Models that were ' +
    'trained before say from then on that captions have changed.',
  json: '`{working, languages: [{language, name, captions}], edit}`; `working` is null where all take part.',
  async run(context) {
    const { args, client } = context
    const use = args.text('use')
    await openProject(context)
    const edit = use === undefined ? null : await chosen(context, use)
    const list = await client.corpus.languages()
    return {
      text: table(
        ['language', 'name', 'captions', ''],
        list.languages.map(({ language, name, captions }) => [
          language,
          name,
          captions,
          language === list.working ? 'the project works in it' : '',
        ]),
      ),
      json: { ...list, edit },
    }
  },
}

async function chosen(context: CommandContext, use: string): Promise<string | null> {
  const language = use === 'all' ? null : use
  const { edit } = await recordedEdit(context, () => context.client.corpus.useLanguage({ language }))
  return edit
}
