/** The tables of the figures that trials gave, and the goals. */
import { printPlot } from '../plot.ts'
import { figure, printTable } from '../table.ts'
import type { Corpus } from './corpora/corpus.ts'
import type { Repairs } from './repairs.ts'
import { deviation, intervalOfMean, mean } from './student.ts'
import type { Silenced, Silencing } from './silencing.ts'
import type { HeadReading, Trial } from './trial.ts'
import type { ModelKind } from '#contract'

export const KINDS: readonly ModelKind[] = ['baseline', 'random-topics', 'interpretive']
export type Trials = Record<ModelKind, Trial[]>

const GOALS = { cider: 0.98, selective: 3, silencing: 5, silenced: 0.25, held: 0.9, worse: 0.01 }

/** Prints everything that is known of a corpus. */
export function report({ name, clips, topics }: Corpus, trials: Trials): void {
  const { train, val: validation, test } = clips
  const seeds = trials.interpretive.length
  console.log(
    `\n-- ${name}: ${figure(train.length)} training, ${validation.length} validation and ${test.length} test clips, ${topics.length} topics; mean ± deviation over ${seeds === 1 ? 'one seed' : `${seeds} seeds`} --\n`,
  )
  const heads = headsOf(trials)
  const repairs = { natural: sumRepairs(trials, 'natural'), induced: sumRepairs(trials, 'induced') }
  printCaptions(trials)
  printPaired(trials)
  printSelectivity(heads)
  printSilencing(heads)
  plotSilencing(
    trials.interpretive.flatMap(({ trainedHead }) =>
      trainedHead?.silencing ? [[...trainedHead.silencing.strongest, trainedHead.silencing.all]] : [],
    ),
  )
  printCorrections(repairs)
  printGoals(trials, Object.values(repairs))
}

function printCaptions(trials: Trials): void {
  const [first] = trials.interpretive
  console.log(
    'Captions of the test clips (beam 5), and mean average precision of their topics by the head that was trained with the captioner, and by one trained',
  )
  console.log(
    `anew on its frozen encoder. A random ranking has ${figure(first!.probe.chance, 3)}; the best fixed caption has CIDEr ${figure(first!.fixedCider, 3)}.`,
  )
  const METRICS = ['BLEU_4', 'METEOR', 'ROUGE_L', 'CIDEr'] as const
  printTable(
    ['', 'BLEU-4', 'METEOR', 'ROUGE-L', 'CIDEr', 'mAP, own head', 'mAP, new head'],
    KINDS.map((kind) => [
      kind,
      ...METRICS.map((metric) => spread(trials[kind].map(({ metrics }) => metrics[metric] ?? NaN))),
      kind === 'baseline' ? '' : spread(trials[kind].map(({ trainedHead }) => trainedHead!.mAP)),
      spread(trials[kind].map(({ probe }) => probe.mAP)),
    ]),
  )
}

/** Differences within each seed, with intervals over the seeds. */
function printPaired({ baseline, interpretive }: Trials): void {
  if (interpretive.length < 2) {
    return
  }
  console.log(
    "\nInterpretive less baseline, seed by seed: mean difference and its 95% interval (Student's t over the seeds)",
  )
  printTable(
    ['', 'difference', 'low', 'high'],
    (['BLEU_4', 'METEOR', 'ROUGE_L', 'CIDEr'] as const).map((metric) => {
      const differences = interpretive.map(
        ({ metrics }, i) => (metrics[metric] ?? NaN) - (baseline[i]!.metrics[metric] ?? NaN),
      )
      const { low = NaN, high = NaN } = intervalOfMean(differences) ?? {}
      return [metric, ...[mean(differences), low, high].map((value) => figure(value, 3))]
    }),
  )
}

/** A topic head of a kind of captioner, and what it read in each trial. */
interface Head {
  label: string
  readings: HeadReading[]
}

function headsOf(trials: Trials): Head[] {
  const ownHead = (kind: ModelKind): Head => ({
    label: `${kind}, own head`,
    readings: trials[kind].map(({ trainedHead }) => trainedHead!),
  })
  const newHead = (kind: ModelKind): Head => ({
    label: `${kind}, new head`,
    readings: trials[kind].map(({ probe }) => probe),
  })
  return [
    newHead('baseline'),
    ownHead('random-topics'),
    newHead('random-topics'),
    ownHead('interpretive'),
    newHead('interpretive'),
  ]
}

function printSelectivity(heads: readonly Head[]): void {
  console.log(
    "\nSelectivity: over the learnt neurons that are not dead, mean margin (prediction difference of the best topic less the runner-up's) over the mean",
  )
  console.log('of the largest difference under shuffled topics, on the test clips.')
  const FIGURES = ['delta', 'margin', 'shuffled'] as const
  printTable(
    ['', ...FIGURES, 'margin / shuffled'],
    heads.map(({ label, readings }) => [
      label,
      ...FIGURES.map((name) =>
        spread(
          readings.map(({ selectivity }) => selectivity[name]),
          4,
        ),
      ),
      spread(readings.map(selectivityRatio), 2),
    ]),
  )
}

function printSilencing(heads: readonly Head[]): void {
  console.log(
    "\nSilencing: of the test clips whose caption names a topic, the share whose caption does not when the topic's neurons are at zero; when equally many",
  )
  console.log(
    'other learnt neurons are that are about as active; and when equally many random ones are. Then the share of the other topics named there that is lost,',
  )
  console.log(
    "and how far ln p falls at the topic's own words and at the others, with the topic's neurons and with the matched ones.",
  )
  const silenced = heads.flatMap(({ label, readings }) => {
    const figures = readings.flatMap(({ silencing }) => (silencing === null ? [] : [silencing]))
    return figures.length === 0 ? [] : [{ label, figures }]
  })
  const column = (
    figures: readonly Silenced[],
    value: (figure: Silenced) => number,
    digits?: number,
  ): string => spread(figures.map(value), digits)
  printTable(
    ['', 'pairs', 'neurons', 'its own', 'matched', 'random', 'times matched'],
    silenced.map(({ label, figures }) => [
      label,
      column(figures, ({ all }) => all.pairs, 0),
      column(figures, ({ all }) => all.neurons, 0),
      column(figures, ({ all }) => all.owned),
      column(figures, ({ all }) => all.matched),
      column(figures, ({ all }) => all.random),
      column(figures, ({ all }) => all.owned / all.matched, 1),
    ]),
  )
  console.log()
  printTable(
    ['', 'others lost', 'matched', 'own words', 'matched', 'other words', 'matched'],
    silenced.map(({ label, figures }) => [
      label,
      column(figures, ({ others }) => others.owned),
      column(figures, ({ others }) => others.matched),
      column(figures, ({ words }) => words.own.owned, 2),
      column(figures, ({ words }) => words.own.matched, 2),
      column(figures, ({ words }) => words.other.owned, 2),
      column(figures, ({ words }) => words.other.matched, 2),
    ]),
  )
  console.log('\nThe share that loses the topic when all that it owns is multiplied by')
  const scales = silenced[0]?.figures[0]?.doses.map(({ scale }) => scale) ?? []
  printTable(
    ['', ...scales.map((scale) => figure(scale, 2)), figure(0)],
    silenced.map(({ label, figures }) => [
      label,
      ...scales.map((_, i) => column(figures, ({ doses }) => doses[i]!.owned)),
      column(figures, ({ all }) => all.owned),
    ]),
  )
  console.log()
}

/** The shares of pairs by how many neurons are silenced; one list a seed. */
function plotSilencing(runs: readonly (readonly Silencing[])[]): void {
  const points = (neurons: 'owned' | 'matched') =>
    (runs[0] ?? []).map((_, i) => ({
      x: mean(runs.map((run) => run[i]!.neurons)),
      y: mean(runs.map((run) => run[i]![neurons])),
    }))
  printPlot(
    [
      { mark: 'o', name: 'others that are about as active', points: points('matched') },
      {
        mark: 'X',
        name: "the topic's strongest neurons, last all that it owns (interpretive, own head)",
        points: points('owned'),
      },
    ],
    { x: 'neurons silenced', y: 'share of captions that lose the topic', height: 14 },
  )
}

/** Over all seeds. */
function sumRepairs(trials: Trials, sort: 'natural' | 'induced'): Repairs {
  const repairs = trials.interpretive.flatMap((trial) => trial.repairs?.[sort] ?? [])
  const total = (name: keyof Repairs): number => repairs.reduce((sum, figures) => sum + figures[name], 0)
  return {
    errors: total('errors'),
    answered: total('answered'),
    learnt: total('learnt'),
    held: total('held'),
    others: total('others'),
    worse: total('worse'),
    better: total('better'),
  }
}

function printCorrections(repairs: Record<'natural' | 'induced', Repairs>): void {
  console.log(
    '\nCorrections of test clips, each learnt by itself: held is captioned as wanted without intervention; worse and better are other test captions by CIDEr.',
  )
  const row = (label: string, { errors, answered, learnt, held, others, worse, better }: Repairs) => [
    label,
    figure(errors),
    figure(answered),
    figure(learnt),
    share(held / learnt),
    share(worse / others, 2),
    share(better / others, 2),
  ]
  printTable(
    ['errors', 'captions', 'answered', 'learnt', 'held', 'worse', 'better'],
    [row("the network's own", repairs.natural), row('neurons taken out', repairs.induced)],
  )
}

function printGoals(trials: Trials, repairs: readonly Repairs[]): void {
  const meanOf = (kind: ModelKind, value: (trial: Trial) => number): number => mean(trials[kind].map(value))
  const cider =
    meanOf('interpretive', ({ metrics }) => metrics.CIDEr) /
    meanOf('baseline', ({ metrics }) => metrics.CIDEr)
  const interpretive = meanOf('interpretive', ({ trainedHead }) => selectivityRatio(trainedHead!))
  const probed = meanOf('baseline', ({ probe }) => selectivityRatio(probe))
  const randomTopics = meanOf('random-topics', ({ trainedHead }) => selectivityRatio(trainedHead!))
  const silenced = trials.interpretive.flatMap(({ trainedHead }) => trainedHead?.silencing?.all ?? [])
  const vanished = mean(silenced.map(({ owned }) => owned))
  const times = vanished / mean(silenced.map(({ matched }) => matched))
  const total = (name: keyof Repairs): number => repairs.reduce((sum, figures) => sum + figures[name], 0)
  const held = total('held') / total('learnt')
  const worse = total('worse') / total('others')
  const verdict = (met: boolean): string => (met ? 'met' : 'not met')
  console.log('\nGoals')
  printTable(
    ['', 'figure', 'goal', ''],
    [
      [
        "CIDEr of interpretive, of the baseline's",
        share(cider),
        `at least ${share(GOALS.cider, 0)}`,
        verdict(cider >= GOALS.cider),
      ],
      [
        'as selective as the baseline under a new head',
        `${figure(interpretive / probed, 1)} times`,
        `at least ${GOALS.selective} times`,
        verdict(interpretive >= GOALS.selective * probed),
      ],
      [
        'as selective as random-topics',
        `${figure(interpretive / randomTopics, 1)} times`,
        `at least ${GOALS.selective} times`,
        verdict(interpretive >= GOALS.selective * randomTopics),
      ],
      [
        "a topic's words vanish with its neurons, against others as active",
        `${figure(times, 1)} times`,
        `at least ${GOALS.silencing} times`,
        verdict(times >= GOALS.silencing),
      ],
      [
        'captions that lose the topic with its neurons',
        share(vanished),
        `at least ${share(GOALS.silenced, 0)}`,
        verdict(vanished >= GOALS.silenced),
      ],
      ['corrections that hold', share(held), `at least ${share(GOALS.held, 0)}`, verdict(held >= GOALS.held)],
      [
        'other captions that are worse',
        share(worse, 2),
        `less than ${share(GOALS.worse, 0)}`,
        verdict(worse < GOALS.worse),
      ],
    ],
  )
}

/** Mean margin over the mean of the largest differences under shuffled topics. */
const selectivityRatio = ({ selectivity: { margin, shuffled } }: HeadReading): number => margin / shuffled

const share = (value: number, digits = 1): string => `${figure(100 * value, digits)}%`

/** `mean ± sample deviation`; the mean alone of one value. */
function spread(values: readonly number[], digits = 3): string {
  const middle = mean(values)
  if (values.length < 2) {
    return figure(middle, digits)
  }
  return `${figure(middle, digits)} ± ${figure(deviation(values), digits)}`
}
