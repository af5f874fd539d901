import { neuronJudgement } from '#contract'
import type { NeuronJudgement } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { chosenModel, MODEL_OPTION, NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'
import { neuronNumber } from './shared.ts'

const VERDICTS = neuronJudgement.shape.verdict.unwrap().options

export const judgeNeuron: Command = {
  summary: 'Says of a neuron whether it stands for its topic, or what for; what is left out stays as it is.',
  operands: ['PROJECT'],
  options: {
    neuron: { value: 'J', help: 'the neuron' },
    model: MODEL_OPTION,
    verdict: { value: 'VERDICT', help: `${VERDICTS.join(', ')}, none` },
    label: { value: 'TEXT', help: "a label of one's own; empty: the topic's" },
    note: { value: 'TEXT', help: 'a note; empty: none' },
  },
  notes: 'One edit; [`undo`](#undo) takes it back.',
  json: '`{model, neuron, judged: {verdict, label, note}}`, `judged` null when nothing is said of it.',
  async run(context) {
    const { args, client } = context
    const neuron = neuronNumber(args.required('neuron'))
    const changes = changesOf(args)
    if (Object.keys(changes).length === 0) {
      throw new UsageError('--verdict, --label or --note is missing')
    }
    await openProject(context)
    const modelId = await chosenModel(context)
    const readJudgement = async (): Promise<NeuronJudgement | null> => {
      const map = await client.neurons.map({ modelId })
      return map?.neurons.find((row) => row.neuron === neuron)?.judged ?? null
    }
    const before = (await readJudgement()) ?? { verdict: null, label: '', note: '' }
    // Parsed here, so that an error names the option.
    const judgement = neuronJudgement.parse({ ...before, ...changes })
    const { edit } = await recordedEdit(context, () => client.neurons.judge({ modelId, neuron, judgement }))
    return {
      text: edit ?? NOTHING_CHANGED,
      json: { model: modelId, neuron, judged: await readJudgement() },
    }
  },
}

/** What the options change of a judgement. */
function changesOf(args: Arguments): Partial<NeuronJudgement> {
  const verdict = args.oneOf('verdict', [...VERDICTS, 'none'])
  const label = args.text('label')
  const note = args.text('note')
  return {
    ...(verdict !== undefined && { verdict: verdict === 'none' ? null : verdict }),
    ...(label !== undefined && { label }),
    ...(note !== undefined && { note }),
  }
}
