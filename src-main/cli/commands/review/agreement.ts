import { split } from '#contract'
import type { Agreement } from '#contract'
import { count } from '../../../common/text.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'

const VERDICTS = ['right', 'nearly', 'wrong']

export const agreement: Command = {
  summary: 'Says how far two people agree on captions that both judged, and where they differ.',
  operands: ['PROJECT'],
  options: {
    model: MODEL_OPTION,
    split: { value: 'SPLIT', help: `${split.options.join(', ')} (val)` },
    between: {
      value: 'NAME',
      multiple: true,
      help: 'a person; given twice (the two who judged the most captions both)',
    },
  },
  json:
    '`{model, split, people: [{who, judged}], agreement: {between, captions, table, observed, expected, kappa: {value, low, ' +
    "high}, disagreements: [{clipId, clip, caption, verdicts}]}}`; `table` has the first person's right, nearly and wrong by " +
    "row, and the second's by column. `agreement` is null where no two judged the same caption.",
  async run(context) {
    const { args, client } = context
    const chosenSplit = args.oneOf('split', split.options) ?? 'val'
    const [first, second, ...more] = args.list('between')
    if ((first === undefined) !== (second === undefined) || more.length > 0) {
      throw new UsageError('--between is given twice: once for each of two people')
    }
    await openProject(context)
    const modelId = await chosenModel(context)
    const report = await client.review.agreement({
      modelId,
      split: chosenSplit,
      between: first === undefined || second === undefined ? null : [first, second],
    })
    return {
      text: [
        table(
          ['person', 'judged'],
          report.people.map(({ who, judged }) => [who, judged]),
        ),
        ...(report.agreement === null
          ? ['No two people judged the same caption.']
          : describe(report.agreement)),
      ].join('\n\n'),
      json: { model: modelId, split: chosenSplit, ...report },
    }
  },
}

function describe({ between: [a, b], captions, kappa, disagreements, ...rest }: Agreement): string[] {
  const figure =
    kappa === null
      ? "Cohen's kappa can't be told."
      : `Cohen's kappa ${kappa.value.toFixed(3)}, 95% interval ${kappa.low.toFixed(3)} to ${kappa.high.toFixed(3)}.`
  return [
    table(
      [`${a} / ${b}`, ...VERDICTS],
      rest.table.map((row, i) => [VERDICTS[i] ?? '', ...row]),
    ),
    `${count(captions, 'caption')} judged by both: ${rest.observed.toFixed(3)} the same, ${rest.expected.toFixed(3)} by chance. ${figure}`,
    ...(disagreements.length === 0
      ? []
      : [
          table(
            ['clip', a, b, 'caption'],
            disagreements.map(({ clip, caption, verdicts }) => [clip, ...verdicts, caption]),
          ),
        ]),
  ]
}
