/** Recognition of actions with frozen encoders. */
import type { ActionsResult } from '#contract'
import { actionTitle } from '../../../common/action-titles.ts'
import { count } from '../../../common/text.ts'
import { figureBlock, heading, missing, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection, ReportTable } from '../../../formats/report/document.ts'
import { lineFigure } from '../../../formats/report/figures/lines.ts'
import { pointFigure } from '../../../formats/report/figures/rows.ts'
import { command, day, fixed } from './source.ts'
import type { ReportSource } from './source.ts'

/** Comparisons that are reported, the newest. */
const REPORTED = 3
/** Topics that a class leans on. */
const LEANT_ON = 3

type Source = ActionsResult['sources'][number]

export async function actionsSection(source: ReportSource): Promise<ReportSection> {
  const results = (await source.queries.actions.results(undefined, source.call)) as ActionsResult[]
  const reported = results.slice(0, REPORTED)
  return {
    id: 'actions',
    title: 'Recognition of actions',
    blocks:
      reported.length === 0
        ? [missing('No actions were recognised yet.', command(source, 'actions --clips DIR'))]
        : [
            ...(results.length > reported.length
              ? [paragraph(`The ${reported.length} newest of ${results.length} comparisons.`)]
              : []),
            ...reported.flatMap((result) => resultBlocks(source, result)),
          ],
  }
}

function resultBlocks(source: ReportSource, result: ActionsResult): Block[] {
  const { id, classes, clips, groups, createdAt, division, folds, repeats } = result
  const best = bestOf(result)
  const rounds = {
    folds: `${folds}-fold cross-validation over groups`,
    groups: 'one group left out at a time',
    given: `${count(folds, 'split')} that the corpus comes with`,
  }[division]
  return [
    heading(`Comparison ${id}, ${day(createdAt)}`),
    paragraph(
      `${count(clips, 'clip')} of ${classes.length} classes in ${count(groups, 'group')}; ${rounds}${repeats > 1 ? `, dealt anew ${repeats} times` : ''}. ` +
        'Each kind of features feeds an L2-regularised multinomial logistic regression, whose strength is chosen by an inner cross-validation; clips of a group are never on both sides. The encoders are frozen.',
    ),
    accuracyTable(result),
    accuracyFigure(result),
    ...calibration(result),
    ...pairedTests(result),
    ...pairTable(result),
    classTable(result),
    confusionTable(result, best),
    ...leaning(source, result),
  ]
}

const bestOf = ({ sources }: ActionsResult): Source =>
  sources.reduce((best, source) => (source.accuracy.value > best.accuracy.value ? source : best))

const estimated = ({ value, low, high }: Source['accuracy']): ReportCell =>
  low === null || high === null ? value : { value, low, high }

const accuracyTable = ({ id, sources, classes, clips }: ActionsResult): Block =>
  tableBlock({
    name: `actions-${id}`,
    title: `How well classes are told, comparison ${id}`,
    note: `${count(clips, 'clip')}; chance is ${fixed(1 / classes.length)}. With 95% intervals by a bootstrap over groups. Log-loss: mean -ln p of the true class. Calibration: expected calibration error.`,
    columns: [
      { name: 'features' },
      { name: 'values' },
      { name: 'accuracy', digits: 3, interval: true },
      { name: 'macro-F1', digits: 3, interval: true },
      { name: 'log-loss', digits: 3 },
      { name: 'calibration', digits: 3 },
    ],
    rows: sources.map((source) => [
      actionTitle(source),
      source.size,
      estimated(source.accuracy),
      estimated(source.macroF1),
      source.logLoss,
      source.calibrationError,
    ]),
  })

const accuracyFigure = ({ id, sources, classes, clips }: ActionsResult): Block =>
  figureBlock(
    pointFigure({
      title: `Accuracy by features, comparison ${id}`,
      note: `${count(clips, 'clip')}, with 95% intervals by a bootstrap over groups.`,
      over: 'share of answers that are right',
      rows: sources.map((source) => ({
        label: actionTitle(source),
        value: source.accuracy.value,
        low: source.accuracy.low,
        high: source.accuracy.high,
        reference: 1 / classes.length,
      })),
      format: fixed,
      least: 1,
      legend: [{ label: 'chance', colour: 'var(--series-2)', mark: 'ring' }],
    }),
  )

function calibration(result: ActionsResult): Block[] {
  const { id, sources } = result
  const known = sources.filter(({ reliability }) => reliability.length > 0)
  const x = [
    ...new Set(known.flatMap(({ reliability }) => reliability.map(({ confidence }) => confidence))),
  ].sort((a, b) => a - b)
  return known.length === 0
    ? []
    : [
        figureBlock(
          lineFigure({
            title: `Reliability, comparison ${id}`,
            note: 'Answers by how sure they are, in tenths: the share of them that is right. On the dotted line both are the same.',
            x,
            lines: known.map((source) => ({
              label: actionTitle(source),
              values: x.map(
                (at) => source.reliability.find(({ confidence }) => confidence === at)?.accuracy ?? null,
              ),
            })),
            over: 'mean probability of the answer',
            counted: 'share that is right',
            least: 1,
            diagonal: true,
          }),
        ),
      ]
}

function pairedTests({ id, sources, comparisons }: ActionsResult): Block[] {
  const titleOf = (place: number): string => (sources[place] === undefined ? '' : actionTitle(sources[place]))
  return comparisons.length === 0
    ? []
    : [
        tableBlock({
          name: `actions-${id}-tests`,
          title: `Paired tests of features, comparison ${id}`,
          note: 'Accuracy of the second less that of the first, on the same clips and rounds, with its 95% interval by a paired bootstrap over groups, and the two-sided p of a randomisation test over groups, for one comparison alone.',
          columns: [
            { name: 'first' },
            { name: 'second' },
            { name: 'difference', digits: 3, interval: true },
            { name: 'p', digits: 4 },
          ],
          rows: comparisons.map(({ a, b, difference, low, high, p }) => [
            titleOf(a),
            titleOf(b),
            { value: difference, low, high },
            p,
          ]),
        }),
      ]
}

function pairTable({ id, pairs, sources }: ActionsResult): Block[] {
  return pairs.length === 0
    ? []
    : [
        tableBlock({
          name: `actions-${id}-pairs`,
          title: `Pairs of classes that differ in one thing, comparison ${id}`,
          note: 'The share of clips of both classes that goes to the right one of the two, with 95% intervals by a bootstrap over groups; chance is 0.5.',
          columns: [
            { name: 'features' },
            ...pairs.map(([a, b]) => ({ name: `${a} or ${b}`, digits: 3, interval: true as const })),
          ],
          rows: sources.map((source) => [
            actionTitle(source),
            ...pairs.map((_, i) => (source.pairs[i] === undefined ? null : estimated(source.pairs[i]))),
          ]),
        }),
      ]
}

function classTable({ id, classes, sources }: ActionsResult): Block {
  const answered = (place: number): number | null => sources[0]?.perClass[place]?.clips ?? null
  return tableBlock({
    name: `actions-${id}-classes`,
    title: `F1 of each class, comparison ${id}`,
    note: 'The harmonic mean of precision and recall over all answers of all rounds.',
    columns: [
      { name: 'class' },
      { name: 'answers' },
      ...sources.map((source) => ({ name: actionTitle(source), digits: 3 })),
    ],
    rows: classes.map((name, place) => [
      name,
      answered(place),
      ...sources.map(({ perClass }) => perClass[place]?.f1 ?? null),
    ]),
  })
}

function confusionTable({ id, classes }: ActionsResult, best: Source): Block {
  const table: ReportTable = {
    name: `actions-${id}-confusion`,
    title: `Confusion of classes by ${actionTitle(best)}, comparison ${id}`,
    note: 'Of the features with the highest accuracy. Rows: the true class; columns: the answer. Counts of answers over all rounds; the shade is the share of the row.',
    columns: [{ name: 'class' }, ...classes.map((name) => ({ name }))],
    rows: best.confusion.map((row, place) => [classes[place] ?? '', ...row]),
    shaded: true,
  }
  return tableBlock(table)
}

/** What the most interpretable of the sources leans on. */
function leaning({ project: { store } }: ReportSource, { id, classes, sources }: ActionsResult): Block[] {
  const source = sources.find(({ of, leaning: one }) => of === 'neurons' && one !== null)
  if (source?.leaning == null) {
    return []
  }
  const labels = store.topics.labels()
  const rows = classes.map((name, place): ReportCell[] => {
    const topics = source.leaning?.[place]?.topics.slice(0, LEANT_ON) ?? []
    return [
      name,
      topics
        .map(({ topicId, weight }) => `${labels.get(topicId) ?? `topic ${topicId}`} (${fixed(weight, 2)})`)
        .join('; '),
      source.perClass[place]?.recall ?? null,
      topics[0]?.recallWithout ?? null,
    ]
  })
  return [
    tableBlock({
      name: `actions-${id}-leaning`,
      title: `What classes lean on by ${actionTitle(source)}, comparison ${id}`,
      note: `The ${LEANT_ON} topics with the largest weight of their neurons together (log-odds a deviation). Recall: of held-out answers; without: with the neurons of the first topic at zero.`,
      columns: [
        { name: 'class' },
        { name: 'topics', wide: true },
        { name: 'recall', digits: 3 },
        { name: 'without', digits: 3 },
      ],
      rows,
    }),
  ]
}
