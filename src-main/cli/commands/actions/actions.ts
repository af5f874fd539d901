import type { ActionsResult } from '#contract'
import { actionTitle } from '../../../common/action-titles.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { openProject } from '../shared.ts'

export const actions: Command = {
  summary: 'Recognises actions with the frozen encoders: logistic regression over the same folds for each.',
  operands: ['PROJECT'],
  options: {
    clips: {
      value: 'DIR|FILE',
      help: "a folder with one folder of clips a class, or a table clip<TAB>class[<TAB>group] of the project's own clips or of videos beside it",
    },
    splits: { value: 'DIR', help: 'divide by the split files of a folder (UCF101, HMDB51) instead of folds' },
    'leave-one-group-out': { help: 'leave out one group of clips at a time instead of folds' },
    folds: { value: 'N', help: 'folds of the cross-validation (5)' },
    repeats: { value: 'N', help: 'deal the folds anew N times, with the next seeds (1)' },
    model: {
      value: 'ID',
      multiple: true,
      help: 'a model whose neurons are used; may be given several times (the current one, and the newest of each other kind)',
    },
    seed: { value: 'S', help: 'of the folds (1)' },
  },
  json:
    '`{classes, folds, accuracy: {interpretive, baseline, cnn}, division, repeats, clips, groups, sources, comparisons, pairs}`; ' +
    'an accuracy is null where that model is not trained. `sources` has accuracy, macro-F1, log-loss, calibration and the figures of each class, ' +
    '`comparisons` every two sources by their places.',
  async run(context) {
    const { args, client } = context
    const request = {
      clips: args.required('clips'),
      splits: args.text('splits') ?? null,
      leaveOneGroupOut: args.flag('leave-one-group-out'),
      folds: args.integer('folds'),
      repeats: args.integer('repeats'),
      modelIds: args.integers('model'),
      seed: args.integer('seed'),
    }
    await openProject(context)
    await finish(context, client.actions.transfer(request))
    const [result] = await client.actions.results()
    if (result === undefined) {
      throw new Error('the transfer left no result')
    }
    const { classes, folds, repeats, division, clips, groups, sources, comparisons, pairs } = result
    return {
      text: describe(result),
      json: {
        classes,
        folds,
        accuracy: accuracies(result),
        division,
        repeats,
        clips,
        groups,
        sources,
        comparisons,
        pairs,
      },
    }
  },
}

/** The accuracy of the first encoder of each kind, and of the frame features; null: there is none. */
export function accuracies({
  sources,
}: Pick<ActionsResult, 'sources'>): Record<'interpretive' | 'baseline' | 'cnn', number | null> {
  const ofKind = (wanted: string): number | null =>
    sources.find(({ of, kind }) => of === 'neurons' && kind === wanted)?.accuracy.value ?? null
  return {
    interpretive: ofKind('interpretive'),
    baseline: ofKind('baseline'),
    cnn: sources.find(({ of }) => of === 'frames')?.accuracy.value ?? null,
  }
}

function describe(result: ActionsResult): string {
  const { sources, comparisons, classes, clips, groups, folds, repeats, pairs } = result
  const frames = sources.findIndex(({ of }) => of === 'frames')
  const rows = sources.map((source, place): Cell[] => {
    const comparison = comparisons.find(({ a, b }) => Math.min(a, b) === place && Math.max(a, b) === frames)
    return [
      actionTitle(source),
      fixed(source.accuracy.value),
      intervalOf(source.accuracy),
      fixed(source.macroF1.value),
      fixed(source.logLoss),
      fixed(source.calibrationError),
      fixed(comparison?.p),
    ]
  })
  const lines = [
    `${clips} clips of ${classes.length} classes in ${groups} groups; ${folds} rounds${repeats > 1 ? `, ${repeats} times` : ''}; chance ${(1 / classes.length).toFixed(3)}.`,
    table(['features', 'accuracy', '95%', 'macro-F1', 'log-loss', 'calibration', 'p by frames'], rows),
  ]
  if (pairs.length > 0) {
    lines.push(
      'Pairs of classes told apart by themselves; chance 0.500.',
      table(
        ['features', ...pairs.flatMap(([a, b]) => [`${a} or ${b}`, '95%'])],
        sources.map((source) => [
          actionTitle(source),
          ...source.pairs.flatMap((pair): Cell[] => [fixed(pair.value), intervalOf(pair)]),
        ]),
      ),
    )
  }
  return lines.join('\n')
}

const intervalOf = ({ low, high }: { low: number | null; high: number | null }): Cell =>
  low === null || high === null ? null : `${low.toFixed(3)} to ${high.toFixed(3)}`
