import { captionExportFormat, exportRequest } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { table } from '../../table.ts'
import { MODEL_OPTION, openProject } from '../shared.ts'

const KINDS = exportRequest.shape.what.options.filter((what) => what !== 'report')
const FORMATS = captionExportFormat.options

export const exportFiles: Command = {
  summary: 'Exports into a folder, in plain files.',
  operands: ['PROJECT'],
  options: {
    what: { value: 'WHAT', help: KINDS.join(', ') },
    to: { value: 'DIR', help: 'the folder: new or empty' },
    overwrite: { help: 'replace an earlier export of the same kind that is there' },
    format: { value: 'NAME', help: `of human captions: ${FORMATS.join(', ')} (jsonl)` },
    model: MODEL_OPTION,
  },
  notes: 'What is in them: [export](export.md).',
  json: '`{what, to, files: [{name, bytes}]}`.',
  async run(context) {
    const { args, client } = context
    const what = args.oneOf('what', KINDS)
    if (what === undefined) {
      throw new UsageError('--what is missing')
    }
    const format = args.oneOf('format', FORMATS)
    if (format !== undefined && what !== 'human-captions') {
      throw new UsageError('--format goes with --what human-captions')
    }
    const to = resolvePath(args.required('to'))
    const request = { what, to, format, modelId: args.integer('model'), overwrite: args.flag('overwrite') }
    await openProject(context)
    await finish(context, client.exports.run(request))
    const files = (await client.exports.last())?.files ?? []
    return {
      text: table(
        ['file', 'bytes'],
        files.map(({ name, bytes }) => [name, bytes]),
      ),
      json: { what, to, files },
    }
  },
}
