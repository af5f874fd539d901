import { captionerSettings, device, preset, settingValues } from '#contract'
import type { SweepRequest } from '#contract'
import { byteCount, count, roughly } from '../../../common/text.ts'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Option, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { finish, resultOf } from '../../jobs.ts'
import type { DoneJob, StartedJob } from '../../jobs.ts'
import { openProject } from '../shared.ts'
import { SETTING_NAMES, settingsOf, valueOf, withoutUndefined } from '../training/shared.ts'
import { sweepText } from './shared.ts'

const SIGNS = captionerSettings.shape.neurons.unwrap().options
const HEADS = captionerSettings.shape.topicHead.unwrap().options

const OPTIONS: Readonly<Record<string, Option>> = {
  lambda: {
    value: 'A,B,...',
    help: 'weights of the interpretive loss to try; 0 is a baseline (of the preset)',
  },
  sign: { value: 'A,B', help: `neurons to try: ${SIGNS.join(', ')} (of the preset)` },
  head: { value: 'A,B,...', help: `topic heads to try: ${HEADS.join(', ')} (of the preset)` },
  vary: { value: 'NAME=A,B,...', multiple: true, help: 'values of any setting to try' },
  preset: { value: 'PRESET', help: `the settings to begin with: ${preset.options.join(', ')} (default)` },
  epochs: { value: 'N', help: 'at most this many passes over the training clips (of the preset)' },
  set: { value: 'NAME=VALUE', multiple: true, help: `a setting of all runs: ${SETTING_NAMES.join(', ')}` },
  seed: { value: 'S', help: 'the first seed (1)' },
  seeds: { value: 'N', help: 'train every combination with the seeds S, S + 1, ... (1)' },
  device: { value: 'DEVICE', help: `${device.options.join(', ')} (auto)` },
  plan: { help: 'say which runs there would be and how long they would take; train nothing' },
  resume: { help: 'go on with a sweep that ended early, where it was' },
  sweep: { value: 'ID', help: 'of --resume: the sweep (the newest that is not at its end)' },
}

export const sweep: Command = {
  summary:
    'Trains captioners with every combination of some settings, and compares accuracy with interpretability.',
  operands: ['PROJECT'],
  options: OPTIONS,
  notes:
    'All of it is one job, on training and validation alone. `CIDEr` and `BLEU-4` are of validation, captioned by a beam of 5; `AP` ' +
    'is the mean average precision of one neuron for each topic, chosen on training clips, and `chance` what random ' +
    'rankings have; `95%` are bootstrap intervals over the clips. A baseline is trained in any case: the control. ' +
    'With Ctrl-C what is done stays: [sweeps](sweeps.md).',
  json:
    '`{id, createdAt, device, jobId, ended, varied, runs: [{place, kind, settings, seed, modelId, state, deleted, seconds, ' +
    'figures: {clips, CIDEr: {value, low, high}, BLEU_4, alignment: {precision, low, high, chance, topics}}, failure}], ' +
    'combinations: [{runs, CIDEr: {mean, deviation}, BLEU_4, alignment, undominated: {CIDEr, BLEU_4}}]}`; `combinations` name ' +
    'runs by their `place`. With `--plan`: `{runs: [{kind, settings, seed}], seconds, needed, free}`.',
  async run(context) {
    const { args, client } = context
    if (args.flag('resume')) {
      return resume(context)
    }
    if (args.has('sweep')) {
      throw new UsageError('--sweep goes with --resume')
    }
    const request = requestOf(args)
    await openProject(context)
    const plan = await client.sweeps.plan(request)
    const length = `${count(plan.runs.length, 'run')}, about ${roughly(plan.seconds)} and up to ${byteCount(plan.needed)}`
    if (args.flag('plan')) {
      return { text: `${length}.`, json: plan }
    }
    context.terminal.say(`${length}.`)
    return trainSweep(context, client.sweeps.start(request))
  },
}

/** Goes on with the sweep that `--sweep` names, else the newest that is not at its end. */
async function resume(context: CommandContext): Promise<Result> {
  const { args, client } = context
  const setting = Object.keys(OPTIONS).find((name) => name !== 'resume' && name !== 'sweep' && args.has(name))
  if (setting !== undefined) {
    throw new UsageError(`--resume goes on as the sweep began: --${setting} can't be given with it`)
  }
  const chosen = args.integer('sweep')
  await openProject(context)
  const sweepId = chosen ?? (await client.sweeps.list()).find(({ ended }) => !ended)?.id
  if (sweepId === undefined) {
    throw failures.noSweepToResume()
  }
  return trainSweep(context, client.sweeps.resume({ sweepId }))
}

/** Waits for a sweep; when it ends early, says how to go on. */
async function trainSweep(context: CommandContext, started: StartedJob): Promise<Result> {
  const { sweepId } = resultOf(await finished(context, started), 'sweep')
  const result = await context.client.sweeps.get({ sweepId })
  return { text: sweepText(result), json: result }
}

async function finished(context: CommandContext, started: StartedJob): Promise<DoneJob> {
  try {
    return await finish(context, started)
  } catch (error) {
    const project = context.args.operand('PROJECT')
    context.terminal.say(`The sweep goes on where it stopped with: vitrine sweep ${project} --resume`)
    throw error
  }
}

function requestOf(args: Arguments): SweepRequest {
  const values = {
    ...Object.fromEntries(args.list('vary').map(variedOf)),
    ...withoutUndefined({
      lambda: listOf(args, 'lambda'),
      neurons: listOf(args, 'sign'),
      topicHead: listOf(args, 'head'),
    }),
  }
  return {
    preset: args.oneOf('preset', preset.options),
    settings: {
      ...settingsOf(args.list('set')),
      ...withoutUndefined({ epochs: args.integer('epochs') }),
    },
    values: settingValues.parse(values),
    device: args.oneOf('device', device.options),
    seed: args.integer('seed'),
    seeds: args.integer('seeds'),
  }
}

/** `hiddenSize=128,256` as a setting and its values. */
function variedOf(assignment: string): [name: string, values: unknown[]] {
  const [name = '', text = ''] = assignment.split('=', 2)
  if (!SETTING_NAMES.includes(name) || text === '') {
    throw new UsageError(
      `--vary takes NAME=A,B,... with a name that "vitrine sweep --help" lists, not "${assignment}"`,
    )
  }
  return [name, text.split(',').map(valueOf)]
}

const listOf = (args: Arguments, option: string): unknown[] | undefined =>
  args.text(option)?.split(',').map(valueOf)
