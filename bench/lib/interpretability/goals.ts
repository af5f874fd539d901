/**
 * The goals, and whether a corpus meets them. A goal's figure is the mean over the seeds of what each seed gives, with
 * the 95% interval of that mean: a goal is met when the mean reaches it, and met for certain when the interval does.
 */
import { figure, printTable } from '../table.ts'
import { READERS, readingOf, selectivityRatio, share, sumRepairs } from './seeds.ts'
import type { Reader, Seed } from './seeds.ts'
import type { Reading } from './alignment.ts'
import { intervalOfMean, mean } from './student.ts'

interface Goal {
  name: string
  /** A value for each seed. */
  values: number[]
  /** The mean is to be at least, or less than, this. */
  bound: { atLeast: number } | { below: number }
  shown: (value: number) => string
}

/** The ordinary captioner, and the one whose neurons have the form of the interpretive one's. */
const BASELINES = ['baseline', 'baseline, non-negative'] as const

const times = (value: number): string => `${figure(value, 2)} times`

export function printGoals(seeds: readonly Seed[]): void {
  console.log(
    '\nGoals: mean over the seeds, and its 95% interval. Not for certain: the interval reaches to the other side, or one seed has none.',
  )
  printTable(
    ['', 'figure', '95% interval', 'goal', ''],
    goalsOf(seeds).map(({ name, values, bound, shown }) => {
      const interval = intervalOfMean(values)
      return [
        name,
        shown(mean(values)),
        interval === null ? '' : `${shown(interval.low)} to ${shown(interval.high)}`,
        'atLeast' in bound ? `at least ${shown(bound.atLeast)}` : `less than ${shown(bound.below)}`,
        verdict({ values, bound }),
      ]
    }),
  )
}

/** Whether values meet a bound: by their mean, and by its interval. */
export function verdict({ values, bound }: Pick<Goal, 'values' | 'bound'>): string {
  const isMetBy = (value: number): boolean =>
    'atLeast' in bound ? value >= bound.atLeast : value < bound.below
  const interval = intervalOfMean(values)
  const isMet = isMetBy(mean(values))
  const isCertain = interval !== null && isMetBy(interval.low) === isMet && isMetBy(interval.high) === isMet
  return `${isMet ? 'met' : 'not met'}${isCertain ? '' : ', not for certain'}`
}

function goalsOf(seeds: readonly Seed[]): Goal[] {
  const ofTrials = (value: (trials: Seed['trials']) => number): number[] =>
    seeds.map(({ trials }) => value(trials))
  const single = ({ probes }: Reading): number => probes[0]!
  const aboveChance = (reading: Reading): number => single(reading) - reading.chance
  const best = bestControl(seeds, single)
  const overBest = (of: (reading: Reading) => number): number[] =>
    seeds.map((seed) => of(readingOf(seed, 'interpretive')) / of(readingOf(seed, best)))
  return [
    ...BASELINES.map((baseline) => ({
      name: `CIDEr of interpretive, of that of: ${baseline}`,
      values: ofTrials(
        (trials) => trials.interpretive.captions.metrics.CIDEr / trials[baseline].captions.metrics.CIDEr,
      ),
      bound: { atLeast: 0.98 },
      shown: share,
    })),
    {
      name: `held-out alignment (AP of one neuron) against the best control, ${best}`,
      values: overBest(single),
      bound: { atLeast: 2 },
      shown: times,
    },
    {
      name: '  what is above chance of it',
      values: overBest(aboveChance),
      bound: { atLeast: 2 },
      shown: times,
    },
    ...[...BASELINES, 'random-topics' as const].map((control) => ({
      name: `as selective, both by a new head, as: ${control}`,
      values: ofTrials(
        (trials) => selectivityRatio(trials.interpretive.newHead) / selectivityRatio(trials[control].newHead),
      ),
      bound: { atLeast: 3 },
      shown: times,
    })),
    {
      name: "a topic's words vanish with its neurons, against others as active",
      values: ofTrials(({ interpretive }) => {
        const { owned, matched } = interpretive.ownHead!.silencing.all
        return owned / matched
      }),
      bound: { atLeast: 5 },
      shown: times,
    },
    {
      name: '  captions that lose the topic with its neurons',
      values: ofTrials(({ interpretive }) => interpretive.ownHead!.silencing.all.owned),
      bound: { atLeast: 0.25 },
      shown: share,
    },
    ...correctionGoals(seeds),
  ]
}

/** The control with the largest mean of a figure. */
function bestControl(seeds: readonly Seed[], of: (reading: Reading) => number): Reader {
  const meanOf = (reader: Reader): number => mean(seeds.map((seed) => of(readingOf(seed, reader))))
  return READERS.filter((reader) => reader !== 'interpretive').reduce((best, reader) =>
    meanOf(reader) > meanOf(best) ? reader : best,
  )
}

/** By seed; both sorts of errors together. */
function correctionGoals(seeds: readonly Seed[]): Goal[] {
  const corrected = seeds.filter(({ repairs }) => repairs !== null)
  if (corrected.length === 0) {
    return []
  }
  const shareOf = (part: 'held' | 'worse', whole: 'learnt' | 'others'): number[] =>
    corrected.map((seed) => {
      const [natural, induced] = [sumRepairs([seed], 'natural')!, sumRepairs([seed], 'induced')!]
      return (natural[part] + induced[part]) / (natural[whole] + induced[whole])
    })
  return [
    {
      name: 'corrections that hold',
      values: shareOf('held', 'learnt'),
      bound: { atLeast: 0.9 },
      shown: share,
    },
    {
      name: 'other captions that are worse',
      values: shareOf('worse', 'others'),
      bound: { below: 0.01 },
      shown: (value) => share(value, 2),
    },
  ]
}
