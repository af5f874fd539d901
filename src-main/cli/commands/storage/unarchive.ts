import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'

export const unarchive: Command = {
  summary: 'Makes a project of an archive, and checks every file of it.',
  operands: ['FILE'],
  options: {
    to: {
      value: 'DIR',
      help: 'the new project, NAME.vitrine; or the folder that it is to stand in under its own name',
    },
    videos: { value: 'DIR', help: 'look in here for videos that are not in the archive' },
  },
  notes:
    'Videos that are not in it are looked for where they lay, beside the project as they lay beside the old one, and in `--videos`; ' +
    'they are known by their content, whatever they are called. See [the whole project](export.md#the-whole-project).',
  json: '`{project, media: {inside, found, missing}}`: how many of the clips’ videos came along, were found here, or are not here.',
  async run(context) {
    const { args, client } = context
    const request = {
      archive: resolvePath(args.operand('FILE')),
      to: resolvePath(args.required('to')),
      videos: args.text('videos') ?? null,
    }
    const job = await finish(context, client.storage.unarchive(request))
    const { taken } = resultOf(job, 'unarchive')
    const { inside, found, missing } = taken.media
    return {
      text: `${count(inside, 'video')} came along, ${found.toLocaleString('en')} were found here, ${missing.toLocaleString('en')} are missing.`,
      json: taken,
    }
  },
}
