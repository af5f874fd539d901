import { mediaChoice } from '#contract'
import type { ImportReport, ImportRequest } from '#contract'
import { someOf } from '../../../common/text.ts'
import { CAPTION_FORMAT_NAMES } from '../../../formats/captions/index.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { projectResult } from '../project/shared.ts'
import { openProject } from '../shared.ts'

export const importCorpus: Command = {
  summary:
    'Imports a folder of videos and their captions, or one of them alone. It only adds: what it does not name stays, and so does what people edited.',
  operands: ['PROJECT'],
  options: {
    videos: {
      value: 'DIR',
      help: 'folder of videos, pictures or folders of frames; its subfolders are searched too',
    },
    media: {
      value: 'WHAT',
      help: 'what of the folder is a clip: auto, videos, pictures (each one), frames (each folder of pictures)',
    },
    captions: {
      value: 'FILE',
      help: 'CSV, TSV, JSON lines or another of the formats below, told by what it holds; a .zip of them; a folder of subtitles',
    },
    format: { value: 'FORMAT', help: `${CAPTION_FORMAT_NAMES.join(', ')} (auto)` },
    columns: {
      value: 'COLUMNS',
      help: 'of a table: clip=NAME,caption=NAME, or numbers from 1; also split, language, start, end',
    },
    names: { value: 'FILE', help: 'two names of each clip a line, such as youtube_mapping.txt of MSVD' },
    language: { value: 'NAME', help: 'of a file in several languages the one to bring in, such as en (all)' },
    split: {
      value: 'FILE|SHARES',
      help: "of new clips: a file id<TAB>split or a folder of lists, or shares of train, val, test (the project's; at first 0.6,0.1,0.3)",
    },
    resplit: { help: 'split the clips that the project knows anew, too' },
    'dry-run': { help: 'say what the import would do, and write nothing' },
  },
  json:
    'the project as for `new` (as it is, with `--dry-run`), and `{added, known, moved, changed, captionsAdded, captionsKept, captionsEdited, ' +
    'captionsRemoved, linesUnmatched, captionFormat, sentence, notices, details, dryRun}`: new clips and known ones that the files name, ' +
    'captions that are new and those that their clips have already (of these, those that people edited or removed), and in ' +
    '`details` the names behind the counts.',
  notes:
    'An import is one edit: `vitrine undo` takes it back. What caption files may be is in [Caption files](captions.md), how clips and captions are known again in [Projects](projects.md#import).',
  async run(context) {
    const { args, client } = context
    const request: ImportRequest = {
      videos: args.text('videos') ?? null,
      media: args.oneOf('media', mediaChoice.options),
      captions: args.text('captions') ?? null,
      format: args.oneOf('format', CAPTION_FORMAT_NAMES),
      columns: args.text('columns') ?? null,
      names: args.text('names') ?? null,
      language: args.text('language') ?? null,
      split: splitOf(args.text('split')),
      resplit: args.flag('resplit'),
    }
    await openProject(context)
    const dryRun = args.flag('dry-run')
    const report = dryRun ? await preview(context, request) : await imported(context, request)
    const project = projectResult(await client.project.summary(), { ...report, dryRun })
    return dryRun ? { ...project, text: previewText(report) } : project
  },
}

async function preview(context: CommandContext, request: ImportRequest): Promise<ImportReport> {
  const job = await finish(context, context.client.corpus.previewImport(request))
  return resultOf(job, 'preview').report
}

async function imported(context: CommandContext, request: ImportRequest): Promise<ImportReport> {
  const job = await finish(context, context.client.corpus.import(request))
  return resultOf(job, 'import').report!
}

/** What an import would do, as a table of the names behind its counts. */
function previewText({ captionFormat, notices, details }: ImportReport): string {
  const lists = details.map(({ title, total, lines }) => `${title} (${total}): ${someOf(lines, 5, total)}`)
  const read = captionFormat === null ? [] : [`The captions were read as ${captionFormat}.`]
  return [...read, ...notices, ...lists, 'Nothing was written.'].join('\n')
}

/** Shares of the splits where the text is numbers, else a file. */
function splitOf(text: string | undefined): ImportRequest['split'] {
  if (text === undefined || !/^[\d.,\s]+$/.test(text)) {
    return text
  }
  const shares = text.split(',').map(Number)
  const [train, validation, test] = shares
  if (
    train === undefined ||
    validation === undefined ||
    test === undefined ||
    shares.length > 3 ||
    shares.some(Number.isNaN)
  ) {
    throw new UsageError(`--split takes three shares such as 0.6,0.1,0.3, or a file; not "${text}"`)
  }
  return [train, validation, test]
}
