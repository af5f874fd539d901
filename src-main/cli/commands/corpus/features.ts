import { BUILT_IN_ENCODER, encoderDevice, PICTURE_ENCODER } from '#contract'
import type { FeatureRequest } from '#contract'
import { count, roughly } from '../../../common/text.ts'
import type { Command, CommandContext } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { projectResult } from '../project/shared.ts'
import { openProject, sayNeed } from '../shared.ts'

const GRIDS = { '1': 1, '2': 2 } as const

export const features: Command = {
  summary: 'Computes frame features of every clip that has none yet, or whose file is gone or damaged.',
  operands: ['PROJECT'],
  options: {
    encoder: {
      value: 'ID',
      help: `frame encoder, of those that "encoders list" shows (as last time; at first ${BUILT_IN_ENCODER}, for pictures alone ${PICTURE_ENCODER})`,
    },
    frames: {
      value: 'N',
      help: 'frames a clip, the first of each of N equal segments (as last time; at first 28; of a clip encoder stacks, at first 8)',
    },
    grid: {
      value: '1|2',
      help: `2 adds features pooled over a 2x2 grid (as last time; at first 2 with these two, else 1)`,
    },
    cells: {
      value: '1|2|3|4',
      help: 'rows and columns of cells that a frame is cut into, for attention to each (as last time; at first 2 for pictures alone, else 1)',
    },
    device: { value: encoderDevice.options.join('|'), help: 'where the encoder runs (auto: the fastest)' },
  },
  json: 'the project as for `new`, and `notices`.',
  async run(context) {
    const { args, client } = context
    const grid = args.oneOf('grid', ['1', '2'])
    const request: FeatureRequest = {
      encoder: args.text('encoder'),
      frames: args.integer('frames'),
      grid: grid && GRIDS[grid],
      cells: args.integer('cells'),
      device: args.oneOf('device', encoderDevice.options),
    }
    await openProject(context)
    await sayNeed(context, { stage: 'features', ...request })
    await sayHowLong(context, request)
    const { notices } = await finish(context, client.corpus.computeFeatures(request))
    return projectResult(await client.project.summary(), { notices })
  },
}

/** Says how long the encoder will take, where it was measured before. */
async function sayHowLong({ client, terminal }: CommandContext, request: FeatureRequest): Promise<void> {
  const { clips, seconds, device } = await client.corpus.estimateFeatures(request)
  if (seconds !== null && clips > 0) {
    const what = `${count(clips, 'clip')} on ${device ?? ''}`
    terminal.say(`The encoder will take about ${roughly(seconds)} for ${what}; decoding comes on top.`)
  }
}
