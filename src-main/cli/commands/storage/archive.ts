import { byteCount } from '../../../common/text.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import type { Command } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { openProject } from '../shared.ts'

export const archive: Command = {
  summary: 'Packs a project into one file, which "unarchive" makes a project of again, on any machine.',
  operands: ['PROJECT'],
  options: {
    to: { value: 'FILE', help: 'the new file, such as NAME.vitrine.zip' },
    'without-media': { help: 'leave the videos of the clips out' },
    overwrite: { help: 'replace a file that is there' },
  },
  notes:
    'A zip with the database, features, models, runs, pictures and videos, each file with its SHA-256: [the whole project](export.md#the-whole-project).',
  json: '`{to, files, bytes}`.',
  async run(context) {
    const { args, client } = context
    const request = {
      to: resolvePath(args.required('to')),
      media: !args.flag('without-media'),
      overwrite: args.flag('overwrite'),
    }
    await openProject(context)
    const job = await finish(context, client.storage.archive(request))
    const { to, files, bytes } = resultOf(job, 'archive')
    return { text: `${to} is ${byteCount(bytes)}.`, json: { to, files, bytes } }
  },
}
