import { reportSectionName } from '#contract'
import type { ReportSectionName } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

const SECTIONS = reportSectionName.options

export const report: Command = {
  summary: 'Writes a report for reading and print, with each table as CSV and LaTeX.',
  operands: ['PROJECT'],
  options: {
    output: { value: 'DIR', help: 'the folder: new or empty' },
    sections: { value: 'A,B', help: `some of: ${SECTIONS.join(', ')} (all)` },
    overwrite: { help: 'replace an earlier report that is there' },
  },
  notes:
    'One page that stands alone, `report.html`, and `tables/NAME.csv`, `tables/NAME.tex`: [the report](export.md#report).',
  json: '`{to, sections, files: [{name, bytes}]}`.',
  async run(context) {
    const { args, client } = context
    const to = resolvePath(args.required('output'))
    const sections = chosenSections(args.text('sections'))
    await openProject(context)
    await finish(
      context,
      client.exports.run({ what: 'report', to, sections, overwrite: args.flag('overwrite') }),
    )
    const files = (await client.exports.last())?.files ?? []
    return {
      text: table(
        ['file', 'bytes'],
        files.map(({ name, bytes }) => [name, bytes]),
      ),
      json: { to, sections, files },
    }
  },
}

function chosenSections(text: string | undefined): ReportSectionName[] {
  if (text === undefined) {
    return [...SECTIONS]
  }
  return text.split(',').map((word) => {
    const name = SECTIONS.find((section) => section === word.trim())
    if (name === undefined) {
      throw new UsageError(`--sections: ${word.trim()} is none of ${SECTIONS.join(', ')}`)
    }
    return name
  })
}
