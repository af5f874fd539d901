/** Sweeps: captioners trained alike but for some settings, as accuracy against interpretability. */
import type { Sweep, SweepRun } from '#contract'
import { count } from '../../../common/text.ts'
import { figureBlock, heading, missing, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, Interval, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { planeFigure } from '../../../formats/report/figures/points.ts'
import { command, day } from './source.ts'
import type { ReportSource } from './source.ts'

/** Sweeps that are reported, the newest. */
const REPORTED = 3

export async function sweepsSection(source: ReportSource): Promise<ReportSection> {
  const sweeps = (await source.queries.sweeps.list(undefined, source.call)) as Sweep[]
  const reported = sweeps.slice(0, REPORTED)
  return {
    id: 'sweeps',
    title: 'Accuracy against interpretability',
    blocks:
      reported.length === 0
        ? [
            missing(
              'No settings were swept over yet.',
              command(source, 'sweep --lambda 0.1,0.3,1 --sign signed,non-negative'),
            ),
          ]
        : [
            ...(sweeps.length > reported.length
              ? [paragraph(`The ${reported.length} newest of ${sweeps.length} sweeps.`)]
              : []),
            ...reported.flatMap(sweepBlocks),
          ],
  }
}

function sweepBlocks(sweep: Sweep): Block[] {
  const measured = sweep.runs.filter(({ state }) => state === 'done').length
  return [
    heading(`Sweep ${sweep.id}, ${day(sweep.createdAt)}`),
    paragraph(
      `${count(sweep.runs.length, 'run')}, ${measured} measured${sweep.ended ? '' : '; it is not at its end'}. What varies: ${sweep.varied.length === 0 ? 'the seed alone' : sweep.varied.join(', ')}; device ${sweep.device}.`,
    ),
    runTable(sweep),
    ...planeOf(sweep),
    combinationTable(sweep),
  ]
}

/** The settings that vary, as they are in a run: `lambda 0.3, neurons signed`. */
const settingsOf = ({ varied }: Sweep, { kind, settings }: SweepRun): string =>
  kind === 'baseline'
    ? `baseline, neurons ${settings.neurons}`
    : varied.map((name) => `${name} ${String(settings[name])}`).join(', ') || kind

const HOW =
  'On the validation split, with 95% bootstrap intervals over its clips; captions by a beam of 5. One neuron: average precision of the one neuron that was chosen for each topic on training clips, as the mean over topics that tell the clips apart; chance is that of rankings at random.'

const runTable = (sweep: Sweep): Block =>
  tableBlock({
    name: `sweep-${sweep.id}-runs`,
    title: `Runs of sweep ${sweep.id}`,
    note: HOW,
    columns: [
      { name: 'run', wide: true },
      { name: 'seed', plain: true },
      { name: 'model' },
      { name: 'state' },
      { name: 'clips' },
      { name: 'CIDEr', digits: 3, interval: true },
      { name: 'BLEU-4', digits: 3, interval: true },
      { name: 'one neuron', digits: 3, interval: true },
      { name: 'chance', digits: 3 },
    ],
    rows: sweep.runs.map((run): ReportCell[] => [
      settingsOf(sweep, run),
      run.seed,
      run.modelId === null ? null : `v${run.modelId}${run.deleted ? ' (deleted)' : ''}`,
      run.state,
      run.figures?.clips ?? null,
      run.figures?.CIDEr ?? null,
      run.figures?.BLEU_4 ?? null,
      alignmentOf(run),
      run.figures?.alignment?.chance ?? null,
    ]),
  })

function alignmentOf({ figures }: SweepRun): Interval | null {
  const alignment = figures?.alignment
  return alignment == null ? null : { value: alignment.precision, low: alignment.low, high: alignment.high }
}

function planeOf(sweep: Sweep): Block[] {
  const undominated = new Set(
    sweep.combinations
      .filter((combination) => combination.undominated.CIDEr)
      .flatMap((combination) => combination.runs),
  )
  const points = sweep.runs.flatMap((run) => {
    const x = alignmentOf(run)
    return x === null || run.figures === null
      ? []
      : [{ label: settingsOf(sweep, run), x, y: run.figures.CIDEr, marked: undominated.has(run.place) }]
  })
  return points.length === 0
    ? []
    : [
        figureBlock(
          planeFigure({
            title: `Accuracy against interpretability, sweep ${sweep.id}`,
            note: `${count(points.length, 'run')}. ${HOW}`,
            points,
            over: 'one neuron, average precision',
            counted: 'CIDEr-D',
            marks: { full: 'no other combination is as good by both means', ring: 'another one is' },
          }),
        ),
      ]
}

const combinationTable = (sweep: Sweep): Block =>
  tableBlock({
    name: `sweep-${sweep.id}-combinations`,
    title: `Combinations of settings of sweep ${sweep.id}`,
    note: 'Means over seeds, with the sample deviation where there are several. Undominated: no other combination is at least as good by the means of CIDEr and of one neuron, and better by one; intervals have no part in it.',
    columns: [
      { name: 'combination', wide: true },
      { name: 'seeds' },
      { name: 'CIDEr', digits: 3 },
      { name: 'deviation', digits: 3, optional: true },
      { name: 'BLEU-4', digits: 3 },
      { name: 'one neuron', digits: 3 },
      { name: 'its deviation', digits: 3, optional: true },
      { name: 'undominated' },
    ],
    rows: sweep.combinations.flatMap((combination) => {
      const first = sweep.runs.find(({ place }) => place === combination.runs[0])
      return first === undefined
        ? []
        : [
            [
              settingsOf(sweep, first),
              combination.runs.length,
              combination.CIDEr.mean,
              combination.CIDEr.deviation,
              combination.BLEU_4.mean,
              combination.alignment?.mean ?? null,
              combination.alignment?.deviation ?? null,
              combination.undominated.CIDEr ? 'yes' : 'no',
            ],
          ]
    }),
  })
