/** Which clips train a model, which validate and which test it: by a split file, or dealt by shares. */
import { createHash } from 'node:crypto'
import type { Split } from '#contract'
import { linesOf, shorten, withoutByteOrderMark } from '../../formats/text/text-file.ts'
import { failures } from './failures.ts'

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

type Shares = readonly [number, number, number]

/** The order of shares and counts. */
const SPLITS = ['train', 'val', 'test'] as const satisfies readonly Split[]

/** What clips are dealt by where nobody says otherwise, and the project has not all three splits. */
const USUAL_SHARES: Shares = [0.6, 0.1, 0.3]

/** The shares that a project's clips have. */
export function presentShares(counts: Readonly<Record<Split, number>>): Shares {
  const shares: Shares = [counts.train, counts.val, counts.test]
  return shares.every((share) => share > 0) ? shares : USUAL_SHARES
}

/**
 * Deals clips to train, validation and test by `shares` (their sum is scaled to 1), so that together with the
 * `present` ones, which stay, they come as close to the shares as they can. The counts are exact (largest
 * remainder) and who goes where follows from a hash of the names alone, whatever their order. A split with a
 * share gets at least one clip where there are enough. Throws BAD_INPUT when shares are negative or all zero.
 */
export function dealSplits(
  names: readonly string[],
  shares: Shares,
  present: Readonly<Record<Split, number>> = { train: 0, val: 0, test: 0 },
): Split[] {
  const sum = shares[0] + shares[1] + shares[2]
  if (!shares.every((share) => share >= 0) || !(sum > 0) || !Number.isFinite(sum)) {
    throw failures.notShares({ shares: shares.join(', ') })
  }
  const total = names.length + present.train + present.val + present.test
  const goals = splitCounts(
    total,
    shares.map((share) => share / sum),
  )
  const [train = 0, val = 0] = roomFor(
    names.length,
    SPLITS.map((split, i) => goals[i]! - present[split]),
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

/** How many of `clips` go where so many are lacking; where a split has too many, the others get less. */
function roomFor(clips: number, lacking: readonly number[]): number[] {
  const room = lacking.map((count) => Math.max(0, count))
  let surplus = room.reduce((a, b) => a + b, 0) - clips
  while (surplus > 0) {
    const largest = room.indexOf(Math.max(...room))
    room[largest]!--
    surplus--
  }
  return room
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
