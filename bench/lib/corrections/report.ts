/** The model-editing table: what corrections did, with intervals over the edits. */
import { createRandom } from '../../../src-main/common/random.ts'
import { printTable } from '../table.ts'
import { KINDS } from './robustness.ts'
import type { Outcome, Retained } from './trial.ts'

const RESAMPLES = 2000

/** What is summed over edits, and what it is a share of. */
interface Share {
  name: string
  of: (outcome: Outcome) => [part: number, whole: number]
  digits?: number
  /** Not of a hundred. */
  isAmount?: boolean
}

const isYes = (held: boolean | null): [number, number] => [held === true ? 1 : 0, held === null ? 0 : 1]

const SHARES: readonly Share[] = [
  { name: 'held', of: ({ held }) => isYes(held) },
  ...KINDS.map(({ name, learnt }, kind): Share => ({
    name: learnt ? `held ${name}` : `held ${name} (not looked at)`,
    of: ({ robust }) => isYes(robust[kind]!),
  })),
  {
    name: 'held by all that is looked at',
    of: ({ robust }) => isYes(KINDS.every(({ learnt }, kind) => !learnt || robust[kind] !== false)),
  },
  { name: 'same-topic errors nearby that are mended', of: ({ mended, similar }) => [mended, similar] },
  { name: 'shown as touched that are mended', of: ({ shownMended, shown }) => [shownMended, shown] },
  { name: 'other captions unchanged', of: ({ unchanged, others }) => [unchanged, others], digits: 2 },
  { name: 'other captions worse', of: ({ worse, others }) => [worse, others], digits: 2 },
  { name: 'other captions better', of: ({ better, others }) => [better, others], digits: 2 },
  { name: 'divergence, nats a word', of: ({ divergence }) => [divergence, 1], digits: 4, isAmount: true },
  { name: 'seconds', of: ({ seconds }) => [seconds, 1], isAmount: true },
  { name: 'steps', of: ({ steps }) => [steps, 1], isAmount: true },
]

export function printOutcomes(outcomes: readonly Outcome[]): void {
  printTable(
    ['', 'share', '95% interval', 'of'],
    SHARES.map(({ name, of, digits = 1, isAmount = false }) => {
      const pairs = outcomes.map(of)
      const written = (value: number): string =>
        isAmount ? value.toFixed(digits) : `${(100 * value).toFixed(digits)}%`
      const [low, high] = interval(pairs)
      const whole = pairs.reduce((sum, pair) => sum + pair[1], 0)
      return [name, written(ratio(pairs)), `${written(low)} to ${written(high)}`, String(whole)]
    }),
  )
}

export function printRetained(retained: readonly Retained[]): void {
  printTable(
    ['corrections one after the other', 'still said', 'share'],
    retained.map(({ after, held }) => [String(after), String(held), `${((100 * held) / after).toFixed(1)}%`]),
  )
}

const ratio = (pairs: readonly [number, number][]): number =>
  pairs.reduce((sum, [part]) => sum + part, 0) / pairs.reduce((sum, [, whole]) => sum + whole, 0)

/** Percentiles of the ratio over edits that are drawn with replacement. */
function interval(pairs: readonly [number, number][]): [number, number] {
  const random = createRandom(1)
  const ratios = Array.from({ length: RESAMPLES }, () =>
    ratio(pairs.map(() => pairs[random.below(pairs.length)]!)),
  )
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b)
  const at = (share: number): number => ratios[Math.floor(share * (ratios.length - 1))] ?? NaN
  return [at(0.025), at(0.975)]
}
