/** Which clips train a model, which validate and which test it: dealt by shares. */
import { createHash } from 'node:crypto'
import type { Split } from '#contract'
import { breather } from '../../common/breather.ts'
import type { Breathe } from '../../common/breather.ts'
import { failures } from './failures.ts'

type Shares = readonly [number, number, number]

/** The order of shares and counts. */
const SPLITS = ['train', 'val', 'test'] as const satisfies readonly Split[]

const NO_CLIPS: Readonly<Record<Split, number>> = { train: 0, val: 0, test: 0 }

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
export async function dealSplits(
  names: readonly string[],
  shares: Shares,
  {
    present = NO_CLIPS,
    breathe = breather(),
  }: { present?: Readonly<Record<Split, number>>; breathe?: Breathe } = {},
): Promise<Split[]> {
  const wanted = wantedCounts(names.length, shares, present)
  const [train = 0, val = 0] = roomFor(
    names.length,
    SPLITS.map((split) => wanted[split] - present[split]),
  )
  const splitOfRank = (rank: number): Split => {
    if (rank < train) {
      return 'train'
    }
    return rank < train + val ? 'val' : 'test'
  }
  const splits = new Array<Split>(names.length)
  const order = await orderByHash(names, breathe)
  order.forEach((index, rank) => {
    splits[index] = splitOfRank(rank)
  })
  return splits
}

/** How many clips each split is to have of `added` ones and those that are present. Throws BAD_INPUT. */
function wantedCounts(
  added: number,
  shares: Shares,
  present: Readonly<Record<Split, number>>,
): Record<Split, number> {
  const sum = shares[0] + shares[1] + shares[2]
  if (!shares.every((share) => share >= 0) || !(sum > 0) || !Number.isFinite(sum)) {
    throw failures.notShares({ shares: shares.join(', ') })
  }
  const [train = 0, val = 0, test = 0] = splitCounts(
    added + present.train + present.val + present.test,
    shares.map((share) => share / sum),
  )
  return { train, val, test }
}

/**
 * Deals clips as `dealSplits` does, but those of one group into one split: largest groups first, each where
 * most is lacking, so that the counts come as near to the shares as groups let them. A group that is `settled`
 * goes where it is. Null: a clip is a group of its own.
 */
export async function dealGroups(
  clips: readonly { name: string; group: string | null }[],
  shares: Shares,
  {
    present = NO_CLIPS,
    settled,
    breathe = breather(),
  }: {
    present?: Readonly<Record<Split, number>>
    settled: ReadonlyMap<string, Split>
    breathe?: Breathe
  },
): Promise<Split[]> {
  const places = new Map<string, number[]>()
  for (const [place, { name, group }] of clips.entries()) {
    const key = group ?? ` ${name}`
    const together = places.get(key) ?? []
    places.set(key, together)
    together.push(place)
    await breathe()
  }
  if ([...places].every(([group, { length }]) => length === 1 && !settled.has(group))) {
    return dealSplits(
      clips.map(({ name }) => name),
      shares,
      { present, breathe },
    )
  }
  const counts = { ...present }
  const splits = new Array<Split>(clips.length)
  const put = (group: string, split: Split): void => {
    for (const place of places.get(group)!) {
      splits[place] = split
      counts[split]++
    }
  }
  const wanted = wantedCounts(clips.length, shares, present)
  const groups = [...places.keys()]
  for (const group of groups) {
    const split = settled.get(group)
    if (split !== undefined) {
      put(group, split)
    }
  }
  const order = await orderByHash(groups, breathe)
  const open = order
    .map((place) => groups[place]!)
    .filter((group) => !settled.has(group))
    .sort((a, b) => places.get(b)!.length - places.get(a)!.length)
  for (const group of open) {
    const [most] = SPLITS.filter((split) => wanted[split] > 0).sort(
      (a, b) => wanted[b] - counts[b] - (wanted[a] - counts[a]),
    )
    put(group, most!)
    await breathe()
  }
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
async function orderByHash(names: readonly string[], breathe: Breathe): Promise<number[]> {
  // By the first byte apart, so that no sort is long.
  const buckets = Array.from({ length: 256 }, (): { index: number; name: string; hash: string }[] => [])
  for (const [index, name] of names.entries()) {
    const digest = createHash('sha256').update(name).digest()
    buckets[digest[0]!]!.push({ index, name, hash: digest.toString('hex') })
    await breathe()
  }
  const order: number[] = []
  for (const bucket of buckets) {
    bucket.sort((a, b) => compare(a.hash, b.hash) || compare(a.name, b.name))
    order.push(...bucket.map(({ index }) => index))
    await breathe()
  }
  return order
}

/** By code units, so that the order depends on no locale. */
function compare(a: string, b: string): number {
  if (a === b) {
    return 0
  }
  return a < b ? -1 : 1
}
