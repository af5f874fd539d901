/** The tables of the figures that trials gave, and the goals. */
import { printPlot } from '../plot.ts'
import { figure, printTable } from '../table.ts'
import type { Corpus } from './corpora.ts'
import type { Silencing } from './measures.ts'
import type { Repairs } from './repairs.ts'
import type { Read, Trial } from './trial.ts'
import type { ModelKind } from '#contract'

export const KINDS: readonly ModelKind[] = ['baseline', 'random-topics', 'interpretive']
export type Trials = Record<ModelKind, Trial[]>

const GOALS = { cider: 0.98, selective: 3, silencing: 5, held: 0.9, worse: 0.01 }

/** Prints everything that is known of a corpus. */
export function report({ name, clips, topics }: Corpus, trials: Trials): void {
  const { train, val, test } = clips
  console.log(
    `\n-- ${name}: ${figure(train.length)} training, ${val.length} validation and ${test.length} test clips, ${topics.length} topics; mean ± deviation over ${trials.interpretive.length === 1 ? 'one seed' : `${trials.interpretive.length} seeds`} --\n`,
  )

  console.log(
    'Captions of the test clips (beam 5), and mean average precision of their topics by the head that was trained with the captioner, and by one trained',
  )
  console.log(
    `anew on its frozen encoder. A random ranking has ${figure(trials.interpretive[0]!.probe.chance, 3)}; the best fixed caption has CIDEr ${figure(trials.interpretive[0]!.fixedCider, 3)}.`,
  )
  printTable(
    ['', 'BLEU-4', 'METEOR', 'ROUGE-L', 'CIDEr', 'mAP, own head', 'mAP, new head'],
    KINDS.map((kind) => {
      const own = trials[kind]
      const metric = (of: 'BLEU_4' | 'METEOR' | 'ROUGE_L' | 'CIDEr') =>
        spread(own.map(({ metrics }) => metrics[of] ?? NaN))
      return [
        kind,
        metric('BLEU_4'),
        metric('METEOR'),
        metric('ROUGE_L'),
        metric('CIDEr'),
        kind === 'baseline' ? '' : spread(own.map((trial) => trial.own!.mAP)),
        spread(own.map(({ probe }) => probe.mAP)),
      ]
    }),
  )

  console.log(
    "\nSelectivity: over the learnt neurons that are not dead, mean margin (prediction difference of the best topic less the runner-up's) over the mean",
  )
  console.log('of the largest difference under shuffled topics, on the test clips.')
  const heads = headsOf(trials)
  printTable(
    ['', 'delta', 'margin', 'shuffled', 'margin / shuffled'],
    heads.map(({ label, reads }) => {
      const of = (what: 'delta' | 'margin' | 'shuffled') =>
        spread(
          reads.map(({ selectivity }) => selectivity[what]),
          4,
        )
      return [label, of('delta'), of('margin'), of('shuffled'), spread(reads.map(selective), 2)]
    }),
  )

  console.log(
    "\nSilencing: of the test clips whose caption names a topic, the share whose caption does not when the topic's neurons are at zero, and when equally",
  )
  console.log('many random learnt neurons that it does not own are.')
  printTable(
    ['', 'pairs', 'neurons', 'its own', 'random', 'times'],
    heads.flatMap(({ label, reads }) => {
      const all = reads.flatMap(({ silencing }) => (silencing === null ? [] : [silencing.all]))
      if (all.length === 0) {
        return []
      }
      return [
        [
          label,
          spread(
            all.map(({ pairs }) => pairs),
            0,
          ),
          spread(
            all.map(({ neurons }) => neurons),
            0,
          ),
          spread(all.map(({ own }) => own)),
          spread(all.map(({ random }) => random)),
          spread(all.map(ratio), 1),
        ],
      ]
    }),
  )
  console.log()
  plotSilencing(
    trials.interpretive.flatMap(({ own }) =>
      own?.silencing ? [[...own.silencing.strongest, own.silencing.all]] : [],
    ),
  )

  console.log(
    '\nCorrections of test clips, each learnt by itself: held is captioned as wanted without intervention; worse and better are other test captions by CIDEr.',
  )
  const sums = { natural: sum(trials, 'natural'), induced: sum(trials, 'induced') }
  printTable(
    ['errors', 'captions', 'answered', 'learnt', 'held', 'worse', 'better'],
    Object.entries(sums).map(([label, own]) => [
      label === 'natural' ? "the network's own" : 'neurons taken out',
      figure(own.errors),
      figure(own.answered),
      figure(own.learnt),
      share(own.held / own.learnt),
      share(own.worse / own.others, 2),
      share(own.better / own.others, 2),
    ]),
  )

  const byKind = (kind: ModelKind, of: (trial: Trial) => number): number => mean(trials[kind].map(of))
  const [interpretive, probed, random] = [
    byKind('interpretive', ({ own }) => selective(own!)),
    byKind('baseline', ({ probe }) => selective(probe)),
    byKind('random-topics', ({ own }) => selective(own!)),
  ]
  const cider =
    byKind('interpretive', ({ metrics }) => metrics.CIDEr) /
    byKind('baseline', ({ metrics }) => metrics.CIDEr)
  const silenced = trials.interpretive.flatMap(({ own }) => (own?.silencing ? [own.silencing.all] : []))
  const times = mean(silenced.map(({ own }) => own)) / mean(silenced.map(({ random: byChance }) => byChance))
  const both = [sums.natural, sums.induced]
  const total = (of: (own: Repairs) => number): number => both.reduce((all, own) => all + of(own), 0)
  const [held, worse] = [
    total((own) => own.held) / total((own) => own.learnt),
    total((own) => own.worse) / total((own) => own.others),
  ]
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
        `${figure(interpretive / random, 1)} times`,
        `at least ${GOALS.selective} times`,
        verdict(interpretive >= GOALS.selective * random),
      ],
      [
        "a topic's words vanish with its neurons, against random ones",
        `${figure(times, 1)} times`,
        `at least ${GOALS.silencing} times`,
        verdict(times >= GOALS.silencing),
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

function headsOf(trials: Trials): { label: string; reads: Read[] }[] {
  return [
    { label: 'baseline, new head', reads: trials.baseline.map(({ probe }) => probe) },
    { label: 'random-topics, own head', reads: trials['random-topics'].map(({ own }) => own!) },
    { label: 'random-topics, new head', reads: trials['random-topics'].map(({ probe }) => probe) },
    { label: 'interpretive, own head', reads: trials.interpretive.map(({ own }) => own!) },
    { label: 'interpretive, new head', reads: trials.interpretive.map(({ probe }) => probe) },
  ]
}

/** The shares of pairs by how many neurons are silenced; one list a seed. */
function plotSilencing(runs: readonly (readonly Silencing[])[]): void {
  const points = (of: 'own' | 'random') =>
    (runs[0] ?? []).map((_, i) => ({
      x: mean(runs.map((run) => run[i]!.neurons)),
      y: mean(runs.map((run) => run[i]![of])),
    }))
  printPlot(
    [
      { mark: 'o', name: 'random neurons', points: points('random') },
      {
        mark: 'X',
        name: "the topic's strongest neurons, last all that it owns (interpretive, own head)",
        points: points('own'),
      },
    ],
    { x: 'neurons silenced', y: 'share of captions that lose the topic', height: 14 },
  )
}

function sum(trials: Trials, sort: 'natural' | 'induced'): Repairs {
  const all = trials.interpretive.flatMap(({ repairs }) => (repairs === null ? [] : [repairs[sort]]))
  const of = (what: keyof Repairs): number => all.reduce((total, own) => total + own[what], 0)
  return {
    errors: of('errors'),
    answered: of('answered'),
    learnt: of('learnt'),
    held: of('held'),
    others: of('others'),
    worse: of('worse'),
    better: of('better'),
  }
}

const selective = ({ selectivity: { margin, shuffled } }: Read): number => margin / shuffled
const ratio = ({ own, random }: Silencing): number => own / random
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const share = (value: number, digits = 1): string => `${figure(100 * value, digits)}%`

/** `mean ± sample deviation`; the mean alone of one value. */
function spread(values: readonly number[], digits = 3): string {
  const middle = mean(values)
  if (values.length < 2) {
    return figure(middle, digits)
  }
  return `${figure(middle, digits)} ± ${figure(Math.sqrt(values.reduce((total, x) => total + (x - middle) ** 2, 0) / (values.length - 1)), digits)}`
}
