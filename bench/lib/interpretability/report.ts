/** The tables of the figures that trials gave, and the goals. */
import { printPlot } from '../plot.ts'
import { figure, printTable } from '../table.ts'
import type { Reading } from './alignment.ts'
import type { Corpus } from './corpora/corpus.ts'
import { printGoals } from './goals.ts'
import { hasHead, KINDS } from './kinds.ts'
import type { Repairs } from './repairs.ts'
import { READERS, readingOf, selectivityRatio, share, sumRepairs } from './seeds.ts'
import type { Seed } from './seeds.ts'
import type { Silenced, Silencing } from './silencing.ts'
import { deviation, intervalOfMean, mean } from './student.ts'
import type { HeadReading, Trial } from './trial.ts'
import { PROBE_SIZES } from '../../../src-main/engine/neurons/alignment/sparse-probe.ts'

/** Prints everything that is known of a corpus by a preset. */
export function report({ name, clips, topics }: Corpus, preset: string, seeds: readonly Seed[]): void {
  const { train, val: validation, test } = clips
  console.log(
    `\n-- ${name}, preset ${preset}: ${figure(train.length)} training, ${figure(validation.length)} validation and ${figure(test.length)} test clips, ${topics.length} topics; mean ± deviation over ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`} (${seeds.map(({ seed }) => seed).join(', ')}) --\n`,
  )
  printCaptions(seeds)
  printPaired(seeds)
  printAlignment(seeds, test.length)
  const heads = headsOf(seeds)
  printSelectivity(heads)
  printSilencing(heads)
  plotSilencing(seeds)
  printCorrections(seeds)
  printGoals(seeds)
}

const METRICS = ['BLEU_4', 'METEOR', 'ROUGE_L', 'CIDEr'] as const
const metricOf = (trial: Trial, metric: (typeof METRICS)[number]): number =>
  trial.captions.metrics[metric] ?? NaN

function printCaptions(seeds: readonly Seed[]): void {
  const [first] = seeds
  const { captions, newHead } = first!.trials.interpretive
  console.log(
    'Captions of the test clips (beam 5), and mean average precision of their topics by the head that was trained with the captioner, and by one trained',
  )
  console.log(
    `anew on its frozen encoder. A random ranking has ${figure(newHead.chance, 3)}; the best fixed caption has CIDEr ${figure(captions.fixedCider, 3)}.`,
  )
  printTable(
    ['', 'BLEU-4', 'METEOR', 'ROUGE-L', 'CIDEr', 'mAP, own head', 'mAP, new head'],
    KINDS.map((kind) => {
      const trials = seeds.map((seed) => seed.trials[kind])
      return [
        kind,
        ...METRICS.map((metric) => spread(trials.map((trial) => metricOf(trial, metric)))),
        hasHead(kind) ? spread(trials.map(({ ownHead }) => ownHead!.mAP)) : '',
        spread(trials.map((trial) => trial.newHead.mAP)),
      ]
    }),
  )
}

/** Differences of the interpretive captioner from both baselines within each seed, with intervals over the seeds. */
function printPaired(seeds: readonly Seed[]): void {
  if (seeds.length < 2) {
    return
  }
  console.log(
    "\nInterpretive less a baseline, seed by seed: mean difference and its 95% interval (Student's t)",
  )
  printTable(
    ['', 'baseline', 'baseline, non-negative'],
    METRICS.map((metric) => [
      metric,
      ...(['baseline', 'baseline, non-negative'] as const).map((baseline) => {
        const differences = seeds.map(
          ({ trials }) => metricOf(trials.interpretive, metric) - metricOf(trials[baseline], metric),
        )
        return `${figure(mean(differences), 3)} ${bracketed(differences)}`
      }),
    ]),
  )
}

/** Readings of the seeds, and what the interpretive captioner has more than each control, seed by seed. */
function printAlignment(seeds: readonly Seed[], testClips: number): void {
  const chance = mean(seeds.map((seed) => readingOf(seed, 'interpretive').chance))
  console.log(
    `\nHeld-out alignment on the ${figure(testClips)} test clips, learnt neurons alone, all encoders read by one measure. AP: mean average precision over the topics`,
  )
  console.log(
    `of logistic regressions on 1, 4 and 16 neurons (a random ranking has ${figure(chance, 3)}). AUC: mean over the neurons, each with the topic and sign that tell the training`,
  )
  console.log(
    'clips apart best (0.5 by chance); aligned: the share of them for which that is more than chance on the test clips (q at most 0.05).',
  )
  if (readingOf(seeds[0]!, 'interpretive').overTime !== null) {
    console.log(
      'IoU: over the concepts that clips show, mean overlap frame by frame with the neuron that is most like each, less that of a neuron which is always on.',
    )
  }
  console.log('In brackets the 95% interval of the paired difference, interpretive less the control.')
  const measures: { name: string; of: (reading: Reading) => number }[] = [
    ...PROBE_SIZES.map((size, i) => ({
      name: `AP of ${size}`,
      of: (reading: Reading) => reading.probes[i]!,
    })),
    { name: 'AUC', of: ({ area }) => area },
    { name: 'aligned', of: ({ aligned }) => aligned },
    { name: 'IoU', of: ({ overTime }) => (overTime === null ? NaN : overTime.iou - overTime.always) },
  ]
  const known = measures.filter(({ of }) => !Number.isNaN(of(readingOf(seeds[0]!, 'interpretive'))))
  printTable(
    ['', 'neurons', ...known.map(({ name }) => name)],
    READERS.map((reader) => [
      reader,
      figure(readingOf(seeds[0]!, reader).neurons),
      ...known.map(({ of }) => {
        const middle = figure(mean(seeds.map((seed) => of(readingOf(seed, reader)))), 3)
        const differences = seeds.map(
          (seed) => of(readingOf(seed, 'interpretive')) - of(readingOf(seed, reader)),
        )
        return reader === 'interpretive' ? middle : `${middle} ${bracketed(differences)}`
      }),
    ]),
  )
}

/** A topic head of a kind of captioner, and what it read in each trial. */
interface Head {
  label: string
  readings: HeadReading[]
}

const headsOf = (seeds: readonly Seed[]): Head[] =>
  KINDS.flatMap((kind) => {
    const trials = seeds.map((seed) => seed.trials[kind])
    const trained = { label: `${kind}, own head`, readings: trials.flatMap(({ ownHead }) => ownHead ?? []) }
    const anew = { label: `${kind}, new head`, readings: trials.map(({ newHead }) => newHead) }
    return hasHead(kind) ? [trained, anew] : [anew]
  })

function printSelectivity(heads: readonly Head[]): void {
  console.log(
    "\nPrediction differences: over the learnt neurons that are not dead, on the test clips. Margin: that of the best topic less the runner-up's; shuffled: the",
  )
  console.log(
    'largest one under shuffled topics; polysemantic: the share whose runner-up reaches 80% of the best. A tied head has no runner-up: compare new heads.',
  )
  const FIGURES = ['delta', 'margin', 'shuffled'] as const
  printTable(
    ['', 'live', ...FIGURES, 'margin / shuffled', 'polysemantic'],
    heads.map(({ label, readings }) => {
      const selectivities = readings.map(({ selectivity }) => selectivity)
      return [
        label,
        figure(mean(selectivities.map(({ live }) => live))),
        ...FIGURES.map((name) =>
          spread(
            selectivities.map((figures) => figures[name]),
            4,
          ),
        ),
        spread(readings.map(selectivityRatio), 2),
        figure(mean(selectivities.map(({ polysemantic }) => polysemantic)), 2),
      ]
    }),
  )
}

function printSilencing(heads: readonly Head[]): void {
  console.log(
    "\nSilencing: of the test clips whose caption names a topic, the share whose caption does not when the topic's neurons are at zero; when equally many",
  )
  console.log(
    'other learnt neurons are that are about as active; and when equally many random ones are. Activation: root mean square over clips, of the topic’s neurons',
  )
  console.log('and of the matched ones.')
  const column = (
    readings: readonly HeadReading[],
    value: (figure: Silenced) => number,
    digits?: number,
  ): string =>
    spread(
      readings.map(({ silencing }) => value(silencing)),
      digits,
    )
  printTable(
    ['', 'pairs', 'neurons', 'its own', 'matched', 'random', 'times matched', 'activation', 'matched'],
    heads.map(({ label, readings }) => [
      label,
      column(readings, ({ all }) => all.pairs, 0),
      column(readings, ({ all }) => all.neurons, 0),
      column(readings, ({ all }) => all.owned),
      column(readings, ({ all }) => all.matched),
      column(readings, ({ all }) => all.random),
      column(readings, ({ all }) => all.owned / all.matched, 1),
      column(readings, ({ all }) => all.activation.owned),
      column(readings, ({ all }) => all.activation.matched),
    ]),
  )
  console.log(
    "\nOf the other topics that these captions name, the share that is lost as well; and how far ln p falls at the topic's own words and at the others.",
  )
  printTable(
    ['', 'others lost', 'matched', 'own words', 'matched', 'other words', 'matched'],
    heads.map(({ label, readings }) => [
      label,
      column(readings, ({ others }) => others.owned),
      column(readings, ({ others }) => others.matched),
      column(readings, ({ words }) => words.own.owned, 2),
      column(readings, ({ words }) => words.own.matched, 2),
      column(readings, ({ words }) => words.other.owned, 2),
      column(readings, ({ words }) => words.other.matched, 2),
    ]),
  )
  const [first] = heads[0]!.readings
  console.log(
    '\nThe share that loses the topic by its strongest neurons (and by as many that are about as active), and when all that it owns is multiplied by a part',
  )
  printTable(
    [
      '',
      ...first!.silencing.strongest.map((_, i) => `strongest ${2 ** (i + 2)}`),
      ...first!.silencing.doses.map(({ scale }) => `times ${scale}`),
      'times 0',
    ],
    heads.map(({ label, readings }) => [
      label,
      ...first!.silencing.strongest.map((_, i) => {
        const of = (which: 'owned' | 'matched') =>
          figure(mean(readings.map(({ silencing }) => silencing.strongest[i]![which])), 3)
        return `${of('owned')} (${of('matched')})`
      }),
      ...first!.silencing.doses.map((_, i) => column(readings, ({ doses }) => doses[i]!.owned)),
      column(readings, ({ all }) => all.owned),
    ]),
  )
  console.log()
}

/** The shares of pairs by how many neurons are silenced, of the interpretive captioner by its own head. */
function plotSilencing(seeds: readonly Seed[]): void {
  const runs = seeds.flatMap(({ trials }): Silencing[][] => {
    const silenced = trials.interpretive.ownHead?.silencing
    return silenced ? [[...silenced.strongest, silenced.all]] : []
  })
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

function printCorrections(seeds: readonly Seed[]): void {
  const [natural, induced] = [sumRepairs(seeds, 'natural'), sumRepairs(seeds, 'induced')]
  if (natural === null || induced === null) {
    return
  }
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
    [row("the network's own", natural), row('neurons taken out', induced)],
  )
}

/** In brackets; nothing of numbers of values that have none. */
function bracketed(values: readonly number[]): string {
  const interval = intervalOfMean(values)
  return interval === null ? '' : `[${figure(interval.low, 3)}, ${figure(interval.high, 3)}]`
}

/** `mean ± sample deviation`; the mean alone of one value; nothing where a seed has no value. */
function spread(values: readonly number[], digits = 3): string {
  if (!values.every(Number.isFinite)) {
    return ''
  }
  const middle = mean(values)
  if (values.length < 2) {
    return figure(middle, digits)
  }
  return `${figure(middle, digits)} ± ${figure(deviation(values), digits)}`
}
