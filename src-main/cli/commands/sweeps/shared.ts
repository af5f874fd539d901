/** Sweeps as tables show them. */
import type { SettingName, Sweep, SweepRun } from '#contract'
import { fixed, idCell, intervalCell, table } from '../../table.ts'
import type { Cell } from '../../table.ts'

/** Settings that a sweep is read by, whether they vary or not. */
const ALWAYS: readonly SettingName[] = ['lambda', 'neurons', 'topicHead']

/** Runs with what they were trained with and what they were found to be, and the seeds of each combination together. */
export function sweepText(sweep: Sweep): string {
  const settings = [...new Set([...ALWAYS, ...sweep.varied])]
  const parts = [
    table(
      [
        'run',
        'model',
        'kind',
        ...settings,
        'seed',
        'CIDEr',
        '95%',
        'BLEU-4',
        '95%',
        'AP',
        '95%',
        'chance',
        'state',
      ],
      sweep.runs.map((run) => runCells(run, settings)),
    ),
  ]
  const { combinations } = sweep
  if (combinations.length > 0) {
    parts.push(
      table(
        ['runs', 'kind', ...settings, 'CIDEr', 'BLEU-4', 'AP', 'undominated'],
        combinations.map((combination): Cell[] => {
          const first = sweep.runs.find(({ place }) => place === combination.runs[0])
          const { CIDEr, BLEU_4, alignment, undominated } = combination
          return [
            combination.runs.map((place) => place + 1).join(', '),
            first?.kind ?? '',
            ...(first === undefined ? settings.map(() => null) : settingCells(first, settings)),
            meanCell(CIDEr),
            meanCell(BLEU_4),
            meanCell(alignment),
            [...(undominated.CIDEr ? ['CIDEr'] : []), ...(undominated.BLEU_4 ? ['BLEU-4'] : [])].join(', '),
          ]
        }),
      ),
    )
  }
  return parts.join('\n\n')
}

function runCells(run: SweepRun, settings: readonly SettingName[]): Cell[] {
  const { place, modelId, kind, seed, state, figures, failure, deleted } = run
  const alignment = figures?.alignment ?? null
  return [
    String(place + 1),
    idCell(modelId),
    kind,
    ...settingCells(run, settings),
    seed,
    fixed(figures?.CIDEr.value),
    intervalCell(figures?.CIDEr),
    fixed(figures?.BLEU_4.value),
    intervalCell(figures?.BLEU_4),
    fixed(alignment?.precision),
    intervalCell(alignment),
    fixed(alignment?.chance),
    failure ?? (deleted ? `${state}, its model is in the trash` : state),
  ]
}

/** A baseline has no head. */
const settingCells = ({ kind, settings }: SweepRun, names: readonly SettingName[]): Cell[] =>
  names.map((name) => {
    const value = settings[name]
    switch (true) {
      case kind === 'baseline' && name === 'topicHead':
        return null
      case typeof value === 'number':
        return { figure: String(value) }
      default:
        return String(value)
    }
  })

const meanCell = (figure: { mean: number; deviation: number | null } | null): Cell =>
  figure && {
    figure: `${figure.mean.toFixed(3)}${figure.deviation === null ? '' : ` ± ${figure.deviation.toFixed(3)}`}`,
  }
