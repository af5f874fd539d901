/** The tables of a comparison as other programs take them. */
import type { ActionsResult } from '#contract'
import type { Table } from '../../composables/tables.ts'
import { sourceTitle } from './titles.ts'

type Source = ActionsResult['sources'][number]

export const sourceTable = ({ sources, comparisons }: ActionsResult): Table => ({
  columns: [
    'classified by',
    'accuracy',
    '95% low',
    '95% high',
    'macro-F1',
    'log-loss',
    'calibration error',
    'p against frames',
  ],
  rows: sources.map((source, place) => {
    const frames = sources.findIndex(({ of }) => of === 'frames')
    const comparison = comparisons.find(
      ({ a, b }) => Math.min(a, b) === Math.min(place, frames) && Math.max(a, b) === Math.max(place, frames),
    )
    const { value, low, high } = source.accuracy
    return [
      sourceTitle(source),
      value,
      low,
      high,
      source.macroF1.value,
      source.logLoss,
      source.calibrationError,
      comparison?.p ?? null,
    ]
  }),
})

export const pairTable = ({ sources, pairs }: ActionsResult): Table => ({
  columns: ['classified by', 'pair', 'accuracy', '95% low', '95% high'],
  rows: sources.flatMap((source) =>
    source.pairs.map(({ value, low, high }, i) => [
      sourceTitle(source),
      (pairs[i] ?? []).join(' or '),
      value,
      low,
      high,
    ]),
  ),
})

export const confusionTable = (classes: readonly string[], { confusion }: Source): Table => ({
  columns: ['true \\ predicted', ...classes],
  rows: confusion.map((row, i) => [classes[i] ?? '', ...row]),
})

export const classTable = (classes: readonly string[], { perClass }: Source): Table => ({
  columns: ['class', 'clips', 'precision', 'recall', 'F1'],
  rows: perClass.map(({ clips, precision, recall, f1 }, k) => [
    classes[k] ?? '',
    clips,
    precision,
    recall,
    f1,
  ]),
})

export const reliabilityTable = ({ reliability }: Source): Table => ({
  columns: ['mean probability', 'right', 'answers'],
  rows: reliability.map(({ confidence, accuracy, answers }) => [confidence, accuracy, answers]),
})
