import { resolve } from 'node:path'
import { resolvePath } from '../../../common/files/paths.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'

export const sample: Command = {
  summary: 'Renders a small captioned corpus: clips, captions, a split, and clips of actions.',
  operands: ['DIR'],
  options: {
    videos: { value: 'N', help: 'captioned clips (240)' },
    seed: { value: 'S', help: 'the same seed renders the same corpus (1)' },
  },
  json: '`{directory, clips, captions, split, actions, summary}`: paths of what was written.',
  async run(context) {
    const { args, client } = context
    const directory = resolvePath(args.operand('DIR'))
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
