import type { PlannedStep } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { roughly } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const all: Command = {
  summary: 'Does all steps that a project lacks, with settings that fit its size: features to neurons.',
  operands: ['PROJECT'],
  options: {
    plan: { help: 'do nothing, only show what would be done' },
    sample: { value: 'DIR', help: 'an empty project gets the sample corpus, which is rendered into DIR' },
    videos: { value: 'N', help: 'captioned clips of that sample (240)' },
    seed: { value: 'S', help: 'the same seed, the same topics and model (1)' },
  },
  notes:
    'Features, topics, training, captions and neurons, one after the other. What is done is left as it is: the same ' +
    'command goes on where one was cancelled. What settings follow from the size: ' +
    '[all steps](projects.md#all-steps-at-once).',
  json: '`{steps: [{kind, title, detail, done, seconds}], summary}`; `seconds` is a guess; `summary` is null with --plan.',
  async run(context) {
    const { args, client, terminal } = context
    const sample = args.text('sample')
    const request = {
      seed: args.integer('seed'),
      videos: args.integer('videos'),
      sample: sample === undefined ? null : resolvePath(sample),
    }
    await openProject(context)
    const { steps, obstacle } = await client.steps.plan(request)
    if (args.flag('plan')) {
      return {
        text: [planTable(steps), ...(obstacle === null ? [] : [obstacle])].join('\n'),
        json: { steps, summary: null },
      }
    }
    terminal.say(planTable(steps))
    const { summary } = await finish(context, client.steps.run(request))
    return { text: '', json: { steps: (await client.steps.plan(request)).steps, summary } }
  },
}

const planTable = (steps: readonly PlannedStep[]): string =>
  table(
    ['step', 'of what', 'takes about'],
    steps.map(({ title, detail, done, seconds }) => [
      title,
      detail,
      done ? 'done' : { figure: roughly(seconds) },
    ]),
  )
