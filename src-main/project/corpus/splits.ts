/** Which clips train a model, which validate and which test it: by a split file, or dealt by shares. */
import { createHash } from 'node:crypto'
import type { Split } from '#contract'
import { failures } from './failures.ts'
import { linesOf, shorten, withoutByteOrderMark } from './text-file.ts'

const SPLIT_NAMES: Record<string, Split> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}

interface SplitEntry {
  clip: string
  split: Split
  line: number
}

/**
 * The lines `id<TAB>split` of a split file. Throws BAD_INPUT at an unknown split, or a clip that is put in
 * two.
 */
export function parseSplits(content: string, file: string): SplitEntry[] {
  const splits = new Map<string, Split>()
  const entries: SplitEntry[] = []
  for (const { line, text } of linesOf(withoutByteOrderMark(content))) {
    const [clip = '', name = ''] = text.split('\t').map((cell) => cell.trim())
    if (entries.length === 0 && name.toLowerCase() === 'split') {
      continue
    }
    const split = SPLIT_NAMES[name.toLowerCase()]
    if (clip === '' || split === undefined) {
      throw failures.notASplit({ file, line, text: shorten(text) })
    }
    const earlier = splits.get(clip)
    if (earlier === split) {
      continue
    }
    if (earlier !== undefined) {
      throw failures.inTwoSplits({ file, line, clip, split, earlier })
    }
    splits.set(clip, split)
    entries.push({ clip, split, line })
  }
  if (entries.length === 0) {
    throw failures.noSplitsInFile({ file })
  }
  return entries
}

/**
 * Deals clips to train, validation and test by `shares` (their sum is scaled to 1): the counts are exact
 * (largest remainder) and who goes where follows from a hash of the names alone, whatever their order. A
 * split with a share gets at least one clip where there are enough. Throws BAD_INPUT when shares are negative
 * or all zero.
 */
export function dealSplits(names: readonly string[], shares: readonly [number, number, number]): Split[] {
  const sum = shares[0] + shares[1] + shares[2]
  if (!shares.every((share) => share >= 0) || !(sum > 0) || !Number.isFinite(sum)) {
    throw failures.notShares({ shares: shares.join(', ') })
  }
  const [train = 0, val = 0] = splitCounts(
    names.length,
    shares.map((share) => share / sum),
  )
  const splitOfRank = (rank: number): Split => {
    if (rank < train) {
      return 'train'
    }
    return rank < train + val ? 'val' : 'test'
  }
  const splits = new Array<Split>(names.length)
  orderByHash(names).forEach((index, rank) => {
    splits[index] = splitOfRank(rank)
  })
  return splits
}

/** How many clips each share gets of `total`. */
function splitCounts(total: number, shares: readonly number[]): number[] {
  const counts = shares.map((share) => Math.floor(share * total))
  const byRemainder = shares
    .map((share, split) => ({ split, remainder: share * total - Math.floor(share * total) }))
    .sort((a, b) => b.remainder - a.remainder)
  let left = total - counts.reduce((a, b) => a + b, 0)
  for (const { split } of byRemainder) {
    if (left-- > 0) {
      counts[split]!++
    }
  }
  if (total >= shares.filter((share) => share > 0).length) {
    giveOneEach(counts, shares)
  }
  return counts
}

/** A clip of the largest split for every split that has a share and got none. */
function giveOneEach(counts: number[], shares: readonly number[]): void {
  shares.forEach((share, split) => {
    if (share === 0 || counts[split] !== 0) {
      return
    }
    const largest = counts.indexOf(Math.max(...counts))
    counts[largest]!--
    counts[split] = 1
  })
}

/** The places of names in the order of their hashes; of equal hashes, of the names. */
function orderByHash(names: readonly string[]): number[] {
  const hash = (name: string) => createHash('sha256').update(name).digest('hex')
  return names
    .map((name, index) => ({ index, name, hash: hash(name) }))
    .sort((a, b) => compare(a.hash, b.hash) || compare(a.name, b.name))
    .map(({ index }) => index)
}

/** By code units, so that the order depends on no locale. */
function compare(a: string, b: string): number {
  if (a === b) {
    return 0
  }
  return a < b ? -1 : 1
}
