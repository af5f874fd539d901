/** What the seeds of a corpus and preset gave, as tables and goals look at it. */
import { figure } from '../table.ts'
import type { Reading } from './alignment.ts'
import type { Kind } from './kinds.ts'
import type { Repairs } from './repairs.ts'
import type { HeadReading, Trial } from './trial.ts'

/** Everything that is known of a seed. */
export interface Seed {
  seed: number
  trials: Record<Kind, Trial>
  controls: Record<'untrained' | 'rotated', Reading>
  /** Corrections of the interpretive captioner; null: none were asked for. */
  repairs: Record<'natural' | 'induced', Repairs> | null
}

/** What alignment is read of, the interpretive captioner first. */
export const READERS = [
  'interpretive',
  'baseline',
  'baseline, non-negative',
  'random-topics',
  'untrained',
  'rotated',
] as const
export type Reader = (typeof READERS)[number]

export const readingOf = ({ trials, controls }: Seed, reader: Reader): Reading =>
  reader === 'untrained' || reader === 'rotated' ? controls[reader] : trials[reader].alignment

/** Over all seeds; null where none were asked for. */
export function sumRepairs(seeds: readonly Seed[], sort: 'natural' | 'induced'): Repairs | null {
  const repairs = seeds.flatMap((seed) => seed.repairs?.[sort] ?? [])
  const total = (name: keyof Repairs): number => repairs.reduce((sum, figures) => sum + figures[name], 0)
  return repairs.length === 0
    ? null
    : {
        errors: total('errors'),
        answered: total('answered'),
        learnt: total('learnt'),
        held: total('held'),
        others: total('others'),
        worse: total('worse'),
        better: total('better'),
      }
}

/** Mean margin over the mean of the largest differences under shuffled topics. */
export const selectivityRatio = ({ selectivity: { margin, shuffled } }: HeadReading): number =>
  margin / shuffled

export const share = (value: number, digits = 1): string => `${figure(100 * value, digits)}%`
