import type { ImportRequest } from '#contract'
import { CAPTION_FORMAT_NAMES, CAPTION_FORMATS_IN_BRIEF } from '../../../formats/captions/index.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { projectResult } from '../project/shared.ts'
import { openProject } from '../shared.ts'

export const importCorpus: Command = {
  summary:
    'Imports a folder of videos and their captions; without --videos, captions alone (for topics and metrics).',
  operands: ['PROJECT'],
  options: {
    videos: { value: 'DIR', help: 'folder of videos; its subfolders are searched too' },
    captions: { value: 'FILE', help: CAPTION_FORMATS_IN_BRIEF },
    format: { value: 'FORMAT', help: `${CAPTION_FORMAT_NAMES.join(', ')} (auto)` },
    split: { value: 'FILE|SHARES', help: 'a file id<TAB>split, or shares of train, val, test (0.6,0.1,0.3)' },
  },
  json: 'the project as for `new`, and `notices`: what was left out.',
  async run(context) {
    const { args, client } = context
    const request: ImportRequest = {
      videos: args.text('videos') ?? null,
      captions: args.required('captions'),
      format: args.oneOf('format', CAPTION_FORMAT_NAMES),
      split: splitOf(args.text('split')),
    }
    await openProject(context)
    const { notices } = await finish(context, client.corpus.import(request))
    return projectResult(await client.project.summary(), { notices })
  },
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
