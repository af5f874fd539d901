import type { FeatureImportReport, FeatureImportRequest } from '#contract'
import { someOf } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { projectResult } from '../project/shared.ts'
import { openProject } from '../shared.ts'

export const importFeatures: Command = {
  summary:
    'Takes over features that another program computed (.npy, .npz, safetensors or HDF5, or a folder of such), and makes them the current set.',
  operands: ['PROJECT', 'PATH'],
  options: {
    title: {
      value: 'TEXT',
      help: 'what the set is called (as the file or folder); features that are called so are added to',
    },
    array: { value: 'NAME', help: 'of several arrays of each clip, the one that is meant' },
    frames: {
      value: 'N',
      help: 'take N frames of a clip that has more, evenly spread (all, and no clip may have more than 128)',
    },
    names: { value: 'FILE', help: 'two names of each clip a line, such as youtube_mapping.txt of MSVD' },
    'dry-run': { help: 'say what the import would do by the headers of the files, and write nothing' },
  },
  notes: 'How files are laid out and matched to clips: [Features from elsewhere](features.md).',
  json:
    'the project as for `new`, and `{sentence, title, isKnown, added, kept, frames: {least, most}, dimension, withTimes, unmatched, without, ' +
    'notices, details, dryRun}`: clips that got features and those that had some of the set already, arrays that no clip is called, clips without ' +
    'features, and in `details` the names behind the counts.',
  async run(context) {
    const { args, client } = context
    const request: FeatureImportRequest = {
      path: args.operand('PATH'),
      title: args.text('title') ?? null,
      array: args.text('array') ?? null,
      frames: args.integer('frames') ?? null,
      names: args.text('names') ?? null,
    }
    await openProject(context)
    const dryRun = args.flag('dry-run')
    const report = dryRun
      ? resultOf(await finish(context, client.corpus.previewFeatureImport(request)), 'featurePreview').report
      : resultOf(await finish(context, client.corpus.importFeatures(request)), 'featureImport').report
    const project = projectResult(await client.project.summary(), { ...report, dryRun })
    return dryRun ? { ...project, text: previewText(report) } : project
  },
}

function previewText({ notices, details }: FeatureImportReport): string {
  const lists = details.map(({ title, total, lines }) => `${title} (${total}): ${someOf(lines, 10, total)}`)
  return [...notices, ...lists, 'Nothing was written.'].join('\n')
}
