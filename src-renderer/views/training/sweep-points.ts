/** The runs of a sweep as marks: shape by topic head, colour and filling by sign, lambda beside them. */
import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from 'd3-shape'
import type { SymbolType } from 'd3-shape'
import type { Accuracy, CaptionerSettings, SettingName, Sweep, SweepRun } from '#contract'
import type { LegendEntry } from '../../components/chart/picture.ts'
import type { Reference, ScatterLine, ScatterPoint } from '../../components/chart/ScatterChart.vue'
import { KINDS } from '../../components/training/model.ts'
import { score } from '../../composables/format.ts'
import type { Table } from '../../composables/tables.ts'
import { t } from '../../language/index.ts'
import { choiceOf, FIELDS, valueOf } from './fields.ts'

type Head = CaptionerSettings['topicHead'] | 'baseline'
type Sign = CaptionerSettings['neurons']

const OUTLINES: Record<Head, SymbolType> = {
  baseline: symbolDiamond,
  joint: symbolCircle,
  tied: symbolSquare,
  'tied-learnt': symbolTriangle,
}
/** Square pixels of a mark. */
const MARK_AREA = 72
const outline = (head: Head): string => symbol(OUTLINES[head], MARK_AREA)() ?? ''

const COLOURS: Record<Sign, string> = { signed: 'var(--warn)', 'non-negative': 'var(--accent)' }
const DASHES = { baseline: [6, 3], chance: [2, 3] } as const

export const ACCURACIES: Record<Accuracy, string> = { CIDEr: 'CIDEr', BLEU_4: 'BLEU-4' }

const headOf = ({ kind, settings }: Pick<SweepRun, 'kind' | 'settings'>): Head =>
  kind === 'baseline' ? 'baseline' : settings.topicHead

/** Settings that every sweep is read by, and those in which its runs differ beside them. */
const ALWAYS: readonly SettingName[] = ['lambda', 'neurons', 'topicHead']
export const shownSettings = (sweep: Sweep): SettingName[] =>
  FIELDS.map(({ key }) => key).filter((key) => ALWAYS.includes(key) || sweep.varied.includes(key))

/** A setting of a run as people read it; a baseline has no head. */
export function settingOf(run: Pick<SweepRun, 'kind' | 'settings'>, name: SettingName): string {
  const field = FIELDS.find(({ key }) => key === name)
  return field === undefined || (run.kind === 'baseline' && name === 'topicHead')
    ? '–'
    : valueOf(field, run.settings)
}
export function settingLabel(name: SettingName): string {
  const field = FIELDS.find(({ key }) => key === name)
  return field === undefined ? name : t(field.label)
}

export const bounded = ({ value, low, high }: { value: number; low: number; high: number }): string =>
  `${score(value)} (${t('common.to', { low: score(low), high: score(high) })})`

/** A run that is drawn: it was measured, and some topic tells the validation clips apart. */
interface DrawnRun extends SweepRun {
  figures: NonNullable<SweepRun['figures']> & {
    alignment: NonNullable<NonNullable<SweepRun['figures']>['alignment']>
  }
}
const isDrawn = (run: SweepRun): run is DrawnRun => run.figures?.alignment != null
export const drawnRuns = (sweep: Sweep): DrawnRun[] => sweep.runs.filter(isDrawn)

const isOverSeeds = (sweep: Sweep): boolean => sweep.combinations.some(({ runs }) => runs.length > 1)

/** All runs with their intervals; where there are several seeds, their means before them. */
export function pointsOf(sweep: Sweep, by: Accuracy): ScatterPoint[] {
  const overSeeds = isOverSeeds(sweep)
  const runs = drawnRuns(sweep).map((run): ScatterPoint => {
    const combination = sweep.combinations.find((one) => one.runs.includes(run.place))
    const { precision, low, high } = run.figures.alignment
    return {
      ...lookOf(run),
      key: `run ${run.place}`,
      label: `${nameOf(sweep, run)}: ${ACCURACIES[by]} ${bounded(run.figures[by])}, ${t('sweeps.ap')} ${bounded({ value: precision, low, high })}`,
      x: { value: precision, low, high },
      y: run.figures[by],
      tag: overSeeds ? '' : tagOf(sweep, run),
      ringed: !overSeeds && combination?.undominated[by] === true,
      faint: overSeeds,
    }
  })
  return overSeeds ? [...runs, ...meanPoints(sweep, by)] : runs
}

const alone = (value: number) => ({ value, low: null, high: null })

function meanPoints(sweep: Sweep, by: Accuracy): ScatterPoint[] {
  return sweep.combinations.flatMap((combination, i) => {
    const first = sweep.runs.find(({ place }) => place === combination.runs[0])
    if (first === undefined || combination.alignment === null) {
      return []
    }
    const figures = { accuracy: combination[by], alignment: combination.alignment }
    return {
      ...lookOf(first),
      key: `mean ${i}`,
      label: t('sweeps.meanOfSeeds', {
        settings: settingsText(sweep, first),
        seeds: combination.runs.length,
        accuracy: `${ACCURACIES[by]} ${spread(figures.accuracy)}`,
        alignment: `${t('sweeps.ap')} ${spread(figures.alignment)}`,
      }),
      x: alone(figures.alignment.mean),
      y: alone(figures.accuracy.mean),
      tag: tagOf(sweep, first),
      ringed: combination.undominated[by],
      faint: false,
    }
  })
}

export const spread = ({ mean, deviation }: { mean: number; deviation: number | null }): string =>
  deviation === null ? score(mean) : `${score(mean)} ± ${score(deviation)}`

const lookOf = (run: SweepRun): Pick<ScatterPoint, 'mark' | 'colour' | 'hollow'> => ({
  mark: outline(headOf(run)),
  colour: COLOURS[run.settings.neurons],
  hollow: run.settings.neurons === 'signed',
})

/** Lambda, and what else differs that no mark shows. */
function tagOf(sweep: Sweep, run: SweepRun): string {
  const others = sweep.varied.filter((name) => !ALWAYS.includes(name)).map((name) => settingOf(run, name))
  const lambda = run.kind === 'baseline' ? KINDS.baseline : `λ ${run.settings.lambda}`
  return [lambda, ...others].join(', ')
}

const settingsText = (sweep: Sweep, run: SweepRun): string =>
  [
    KINDS[run.kind],
    ...shownSettings(sweep)
      .filter((name) => run.kind !== 'baseline' || (name !== 'topicHead' && name !== 'lambda'))
      .map((name) => `${settingLabel(name)} ${settingOf(run, name)}`),
  ].join(', ')

export const nameOf = (sweep: Sweep, run: SweepRun): string =>
  `${run.modelId === null ? '' : `v${run.modelId} `}${settingsText(sweep, run)}, ${t('training.seed', { seed: run.seed })}`

/** Lambda from the baseline on, for each head, sign and whatever else is the same. */
export function linesOf(sweep: Sweep, by: Accuracy): ScatterLine[] {
  const means = sweep.combinations.flatMap(({ runs, alignment, ...figures }) => {
    const run = sweep.runs.find(({ place }) => place === runs[0])
    return run === undefined || alignment === null
      ? []
      : [{ run, at: { x: alignment.mean, y: figures[by].mean } }]
  })
  const groups = Map.groupBy(
    means.filter(({ run }) => run.kind === 'interpretive'),
    ({ run }) => JSON.stringify({ ...run.settings, lambda: null }),
  )
  return [...groups].flatMap(([label, group]): ScatterLine[] => {
    const [first] = group
    const start = means.filter(({ run }) => run.kind === 'baseline' && first && isControlOf(run, first.run))
    const through = [...start, ...group.toSorted((a, b) => a.run.settings.lambda - b.run.settings.lambda)]
    return first === undefined || through.length < 2
      ? []
      : [{ label, colour: COLOURS[first.run.settings.neurons], points: through.map(({ at }) => at) }]
  })
}

/** Whether a baseline is the same captioner without topics. */
function isControlOf(baseline: SweepRun, run: SweepRun): boolean {
  const withoutTopics = ({ settings }: SweepRun): string =>
    JSON.stringify({ ...settings, lambda: 0, topicHead: '', topicLoss: '', topicHiddenSize: 0 })
  return withoutTopics(baseline) === withoutTopics(run)
}

/** What marks are to be seen against: chance, and the first baseline's mean. */
export function referencesOf(sweep: Sweep, by: Accuracy): Reference[] {
  const [drawn] = drawnRuns(sweep)
  const baseline = sweep.combinations.find(
    ({ runs: [place] }) => sweep.runs[place ?? -1]?.kind === 'baseline',
  )
  const chance: Reference[] =
    drawn === undefined
      ? []
      : [{ axis: 'x', label: t('sweeps.chance'), value: drawn.figures.alignment.chance, dash: DASHES.chance }]
  const ofBaseline: Reference[] =
    baseline === undefined
      ? []
      : [{ axis: 'y', label: KINDS.baseline, value: baseline[by].mean, dash: DASHES.baseline }]
  const itsNeurons: Reference[] =
    baseline?.alignment == null
      ? []
      : [{ axis: 'x', label: KINDS.baseline, value: baseline.alignment.mean, dash: DASHES.baseline }]
  return [...chance, ...ofBaseline, ...itsNeurons]
}

export function legendOf(sweep: Sweep): LegendEntry[] {
  const runs = drawnRuns(sweep)
  const heads = [...new Set(runs.map(headOf))]
  const signs = [...new Set(runs.map(({ settings }) => settings.neurons))]
  return [
    ...heads.map((head) => ({ label: headName(head), colour: 'var(--muted)', mark: outline(head) })),
    ...signs.map((sign) => ({
      label: signName(sign),
      colour: COLOURS[sign],
      mark: outline('joint'),
      hollow: sign === 'signed',
    })),
    { label: t('sweeps.undominated'), colour: 'var(--text)', ring: true },
    { label: KINDS.baseline, colour: 'var(--muted)', dash: DASHES.baseline },
    { label: t('sweeps.chance'), colour: 'var(--muted)', dash: DASHES.chance },
  ]
}
function choice(name: SettingName, value: string): string {
  const field = FIELDS.find(({ key }) => key === name)
  return field === undefined ? value : choiceOf(field, value)
}
const headName = (head: Head): string =>
  head === 'baseline' ? KINDS.baseline : t('sweeps.head', { head: headChoice(head) })
export const headChoice = (head: CaptionerSettings['topicHead']): string => choice('topicHead', head)
export const signName = (sign: Sign): string => choice('neurons', sign)

/** All runs with what they were trained with and found to be; columns by the names of the settings. */
export function sweepTable(sweep: Sweep): Table {
  const settings = shownSettings(sweep)
  return {
    columns: [
      'model',
      'kind',
      ...settings,
      'seed',
      ...['CIDEr', 'BLEU-4', 'AP of one neuron'].flatMap((name) => [
        name,
        `${name} 95% low`,
        `${name} 95% high`,
      ]),
      'AP by chance',
      'undominated by CIDEr',
      'undominated by BLEU-4',
      'seconds',
    ],
    rows: sweep.runs.map((run) => {
      const { figures } = run
      const undominated = sweep.combinations.find(({ runs }) => runs.includes(run.place))?.undominated
      const alignment = figures?.alignment ?? null
      const cells = (of: { value: number; low: number; high: number } | undefined): (number | null)[] =>
        of === undefined ? [null, null, null] : [of.value, of.low, of.high]
      return [
        run.modelId === null ? null : `v${run.modelId}`,
        run.kind,
        ...settings.map((name) =>
          run.kind === 'baseline' && name === 'topicHead' ? null : String(run.settings[name]),
        ),
        run.seed,
        ...cells(figures?.CIDEr),
        ...cells(figures?.BLEU_4),
        alignment?.precision ?? null,
        alignment?.low ?? null,
        alignment?.high ?? null,
        alignment?.chance ?? null,
        undominated === undefined ? null : String(undominated.CIDEr),
        undominated === undefined ? null : String(undominated.BLEU_4),
        run.seconds,
      ]
    }),
  }
}
