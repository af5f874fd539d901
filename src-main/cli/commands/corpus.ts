import { resolve } from 'node:path'
import { captionFormat, featureRequest } from '#contract'
import type { FeatureRequest, ImportRequest, ProjectSummary } from '#contract'
import { UsageError } from '../command.ts'
import type { Command, Result } from '../command.ts'
import { finish, openProject } from '../jobs.ts'
import { table } from '../table.ts'

export const sample: Command = {
  summary: 'Renders a small captioned corpus with ffmpeg: clips, captions, a split, and clips of actions.',
  operands: ['DIR'],
  options: {
    videos: { value: 'N', help: 'captioned clips (240)' },
    seed: { value: 'S', help: 'the same seed renders the same corpus (1)' },
  },
  async run(context) {
    const { args, client } = context
    const directory = resolve(args.operand('DIR'))
    const request = { directory, videos: args.integer('videos'), seed: args.integer('seed') }
    const { summary } = await finish(context, client.corpus.renderSample(request))
    return {
      text: '',
      json: {
        directory,
        clips: resolve(directory, 'clips'),
        captions: resolve(directory, 'captions.tsv'),
        split: resolve(directory, 'split.tsv'),
        actions: resolve(directory, 'actions'),
        summary,
      },
    }
  },
}

export const newProject: Command = {
  summary: 'Creates an empty project.',
  operands: ['PROJECT'],
  options: {},
  async run({ args, client }) {
    return summaryResult(await client.project.create({ path: args.operand('PROJECT') }))
  },
}

export const importCorpus: Command = {
  summary:
    'Imports a folder of videos and their captions; without --videos, captions alone (for topics and metrics).',
  operands: ['PROJECT'],
  options: {
    videos: { value: 'DIR', help: 'folder of videos; its subfolders are searched too' },
    captions: { value: 'FILE', help: 'CSV, JSON lines, or id<TAB>caption' },
    format: { value: 'FORMAT', help: `${captionFormat.options.join(', ')} (auto)` },
    split: { value: 'FILE|SHARES', help: 'a file id<TAB>split, or shares of train, val, test (0.6,0.1,0.3)' },
  },
  async run(context) {
    const { args, client } = context
    const request: ImportRequest = {
      videos: args.text('videos') ?? null,
      captions: args.required('captions'),
      format: args.oneOf('format', captionFormat.options),
      split: splitOf(args.text('split')),
    }
    await openProject(context)
    const { notices } = await finish(context, client.corpus.import(request))
    return summaryResult(client.project.summary(), { notices })
  },
}

export const features: Command = {
  summary: 'Computes frame features of every clip that has none yet.',
  operands: ['PROJECT'],
  options: {
    encoder: { value: 'ID', help: 'frame encoder (objectron-mobilenetv2, the built-in one)' },
    frames: { value: 'N', help: 'frames a clip, the first of each of N equal segments (28)' },
    grid: { value: '1|2', help: '2 adds features pooled over a 2x2 grid (2)' },
  },
  async run(context) {
    const { args, client } = context
    const grid = args.oneOf('grid', ['1', '2'])
    const request: FeatureRequest = {
      encoder: args.oneOf('encoder', [featureRequest.shape.encoder.unwrap().value]),
      frames: args.integer('frames'),
      grid: grid && (grid === '1' ? 1 : 2),
    }
    await openProject(context)
    const { notices } = await finish(context, client.corpus.computeFeatures(request))
    return summaryResult(client.project.summary(), { notices })
  },
}

function splitOf(text: string | undefined): ImportRequest['split'] {
  if (text === undefined || !/^[\d.,\s]+$/.test(text)) {
    return text
  }
  const [train, val, test, ...more] = text.split(',').map(Number)
  if (
    train === undefined ||
    val === undefined ||
    test === undefined ||
    more.length > 0 ||
    [train, val, test].some(Number.isNaN)
  ) {
    throw new UsageError(`--split takes three shares such as 0.6,0.1,0.3, or a file; not "${text}"`)
  }
  return [train, val, test]
}

/** A project's figures. */
function summaryResult(summary: ProjectSummary | null, more: object = {}): Result {
  if (summary === null) {
    return { text: '', json: null }
  }
  const { name, clips, captions, splits, withFeatures, topics, models } = summary
  const header = ['project', 'clips', 'captions', 'train', 'val', 'test', 'with features', 'topics', 'models']
  return {
    text: table(header, [
      [name, clips, captions, splits.train, splits.val, splits.test, withFeatures, topics, models],
    ]),
    json: { ...summary, ...more },
  }
}
