/** Corrections that people made through neurons: what was learnt, what else it changed, and whether it holds. */
import type { BlastRadius, Correction, ModelRow } from '#contract'
import { count } from '../../../common/text.ts'
import { figureBlock, heading, missing, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { histogramFigure } from '../../../formats/report/figures/histogram.ts'
import { command, CURRENT_NOTE, modelName, SPLIT_NAMES } from './source.ts'
import type { ReportSource } from './source.ts'

export async function correctionsSection(source: ReportSource): Promise<ReportSection> {
  const { queries, call } = source
  const corrections = await queries.corrections.list(undefined, call)
  const learnt = corrections.filter(({ model, learnt: outcome }) => model !== null && outcome !== null)
  return {
    id: 'corrections',
    title: 'Corrections',
    blocks:
      learnt.length === 0
        ? [
            ...(corrections.length === 0
              ? []
              : [paragraph(`${count(corrections.length, 'correction')} in the queue; none is learnt.`)]),
            missing(
              'No correction is learnt yet.',
              command(source, 'correct --video CLIP --add-topic TOPIC'),
            ),
          ]
        : [
            ...(await outcomes(source)),
            ...(await versions(source, learnt)),
            ...(await regressions(source)),
            correctionTable(learnt),
          ],
  }
}

async function outcomes({ queries, call }: ReportSource): Promise<Block[]> {
  const report = await queries.corrections.report({ correctionIds: null }, call)
  const of = (part: number, whole: number): ReportCell => (whole === 0 ? null : part / whole)
  return [
    tableBlock({
      name: 'corrections-outcomes',
      title: 'What corrections came to',
      note:
        'Held: the version that learnt it says what was wanted, without intervention; lasting: by narrower and wider searches and with frames left out, too. Neighbours: of the nearest clips by their neurons, those with the same error, and those of them that were mended. ' +
        'Other captions: of clips that nobody corrected, better and worse by CIDEr.',
      columns: [{ name: 'figure' }, { name: 'number' }, { name: 'of' }, { name: 'share', digits: 3 }],
      rows: [
        ['corrections that held', report.held, report.corrections, of(report.held, report.corrections)],
        ['lasting ones', report.lasting, report.corrections, of(report.lasting, report.corrections)],
        ['neighbours mended', report.similarMended, report.similar, of(report.similarMended, report.similar)],
        [
          'other captions that changed',
          report.changed,
          report.elsewhere,
          of(report.changed, report.elsewhere),
        ],
        ['of these, better', report.better, report.changed, of(report.better, report.changed)],
        ['of these, worse', report.worse, report.changed, of(report.worse, report.changed)],
      ],
    }),
  ]
}

interface Version {
  id: number
  name: string
  radius: BlastRadius
}

async function versions(
  { queries, call, models }: ReportSource,
  learnt: readonly Correction[],
): Promise<Block[]> {
  const ids = [...new Set(learnt.flatMap(({ model }) => model ?? []))].sort((a, b) => a - b)
  const all = await Promise.all(
    ids.map(async (id): Promise<Version[]> => {
      const { radius } = await queries.corrections.version({ modelId: id }, call)
      return radius === null ? [] : [{ id, name: nameOf(models, id), radius: radius as BlastRadius }]
    }),
  )
  const known = all.flat()
  const metrics = known.flatMap(({ name, radius }) =>
    radius.metrics.map(({ metric, a, b, difference, low, high, p }): ReportCell[] => [
      name,
      radius.split === null ? null : SPLIT_NAMES[radius.split],
      radius.clips,
      metric.replace('_', '-'),
      a,
      b,
      { value: difference, low, high },
      p,
    ]),
  )
  const gains = known.flatMap(({ radius }) => radius.changed.map(({ gain }) => gain))
  return [
    ...(metrics.length === 0
      ? []
      : [
          heading('What else changed'),
          tableBlock({
            name: 'corrections-metrics',
            title: 'Versions that learnt corrections against those that they come from',
            note: `On the split of the corrected clips (validation for training clips), without these. Difference with its 95% interval by paired bootstrap, p by a two-sided paired approximate randomisation test. ${CURRENT_NOTE}`,
            columns: [
              { name: 'version' },
              { name: 'split' },
              { name: 'clips' },
              { name: 'metric' },
              { name: 'before', digits: 3 },
              { name: 'after', digits: 3 },
              { name: 'difference', digits: 3, interval: true },
              { name: 'p', digits: 3 },
            ],
            rows: metrics,
          }),
        ]),
    ...(gains.length === 0
      ? []
      : [
          figureBlock(
            histogramFigure({
              title: 'Captions of other clips that changed',
              note: `${count(gains.length, 'caption')} by what each gained in CIDEr; those without human captions count as 0.`,
              series: [{ label: 'captions', values: gains }],
              over: 'gain in CIDEr',
              counted: 'captions',
              reference: { value: 0, label: 'no gain' },
            }),
          ),
        ]),
  ]
}

const nameOf = (models: readonly ModelRow[], id: number): string => {
  const model = models.find((one) => one.id === id)
  return model === undefined ? `v${id} (thrown away)` : modelName(model)
}

async function regressions(source: ReportSource): Promise<Block[]> {
  const { queries, call, models } = source
  const { models: rerun, cases } = await queries.corrections.regressions(undefined, call)
  if (cases.length === 0) {
    return []
  }
  if (rerun.length === 0) {
    return [
      missing(
        'Kept corrections were not held against later models.',
        command(source, 'regressions --model ID'),
      ),
    ]
  }
  const counted = rerun.map((id) => {
    const outcomes = cases.flatMap((one) => one.outcomes.filter(({ modelId }) => modelId === id))
    const of = (wanted: string): number => outcomes.filter(({ outcome }) => outcome === wanted).length
    return [nameOf(models, id), outcomes.length, of('holds'), of('mended'), of('back')]
  })
  return [
    tableBlock({
      name: 'corrections-regressions',
      title: 'Kept corrections with later models',
      note: `Of ${count(cases.length, 'kept correction')}: those that were captioned again. Holds: the wanted caption; mended: other words without the error; back: the error is there again. ${CURRENT_NOTE}`,
      columns: [
        { name: 'model' },
        { name: 'captioned' },
        { name: 'holds' },
        { name: 'mended' },
        { name: 'back' },
      ],
      rows: counted,
    }),
  ]
}

const correctionTable = (learnt: readonly Correction[]): Block =>
  tableBlock({
    name: 'corrections',
    title: 'Corrections that were learnt',
    note: 'Latest first. Outcome: lasts, held, or missed by the version that learnt it. State: accepted ones are regression cases of later models; proposed ones wait; undone ones were taken back.',
    columns: [
      { name: 'clip' },
      { name: 'topics moved', wide: true },
      { name: 'it said', wide: true },
      { name: 'it was to say', wide: true },
      { name: 'now it says', wide: true },
      { name: 'outcome' },
      { name: 'state' },
    ],
    rows: learnt.map(({ clip, topics, before, wanted, after, learnt: outcome, state }) => [
      clip,
      topics.map(({ label, strength }) => `${strength < 0 ? 'less' : 'more'} "${label}"`).join('; '),
      before,
      wanted,
      after,
      outcome,
      state,
    ]),
  })
