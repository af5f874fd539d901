/**
 * Which clip of the project a video is: by its content, then by its path, then by its name where only one fits.
 * So moved and renamed files are found again, a file whose content has changed stays the clip that it was, and
 * two files of one name in different folders are two clips.
 */
import { basename } from 'node:path'
import type { Breathe } from '../../../common/breather.ts'
import { nameIndex } from '../../../formats/captions/clip-names.ts'

/** A video that was found. */
export interface FoundVideo {
  /** Inside its folder. */
  name: string
  /** As the project stores it. */
  path: string
  /** Null: it can't be read. */
  contentHash: string | null
}

/** A clip that it may be. */
export interface PairableClip {
  name: string
  /** Null: the clip has no video. */
  path: string | null
  contentHash: string | null
  /** Its video still lies at its path. */
  isThere: boolean
}

/** Which clip each video is, as far as it is known. */
interface Pairing {
  /** By video: the place of its clip; null: none yet. */
  pairs: (number | null)[]
  /** Clips that are some video. */
  taken: Set<number>
}

function pair({ pairs, taken }: Pairing, video: number, clip: number): void {
  pairs[video] = clip
  taken.add(clip)
}

/** The place among `clips` of the clip that each video is; null: none of them. */
export async function pairVideos(
  videos: readonly FoundVideo[],
  clips: readonly PairableClip[],
  breathe: Breathe,
): Promise<(number | null)[]> {
  const pairing: Pairing = { pairs: videos.map(() => null), taken: new Set() }
  const byPath = new Map(clips.flatMap(({ path }, place) => (path === null ? [] : [[path, place]])))
  await breathe()
  // Where it was, as it was.
  for (const [place, { path, contentHash }] of videos.entries()) {
    const clip = byPath.get(path)
    if (clip !== undefined && contentHash !== null && clips[clip]!.contentHash === contentHash) {
      pair(pairing, place, clip)
    }
    await breathe()
  }
  await pairByContent(videos, clips, { pairing, breathe })
  // Another content where it was.
  for (const [place, { path }] of videos.entries()) {
    const clip = byPath.get(path)
    if (pairing.pairs[place] === null && clip !== undefined && !pairing.taken.has(clip)) {
      pair(pairing, place, clip)
    }
  }
  for (const [video, clip] of await pairsByName(videos, clips, { ...pairing, breathe })) {
    pair(pairing, video, clip)
  }
  return pairing.pairs
}

/** The same content elsewhere: rather a clip whose own file is gone, and one of the same file name. */
async function pairByContent(
  videos: readonly FoundVideo[],
  clips: readonly PairableClip[],
  { pairing, breathe }: { pairing: Pairing; breathe: Breathe },
): Promise<void> {
  const byContent = Map.groupBy(clips.keys(), (clip) => clips[clip]!.contentHash)
  for (const [place, { path, contentHash }] of videos.entries()) {
    if (pairing.pairs[place] !== null || contentHash === null) {
      continue
    }
    const candidates = (byContent.get(contentHash) ?? []).filter((clip) => !pairing.taken.has(clip))
    const rank = (clip: number): number =>
      Number(clips[clip]!.isThere) * 2 + Number(basename(clips[clip]!.path ?? '') !== basename(path))
    const [best] = candidates.sort((a, b) => rank(a) - rank(b) || a - b)
    if (best !== undefined) {
      pair(pairing, place, best)
    }
    await breathe()
  }
}

/** Videos that are left, and clips that are left and lack a video, where the name of each means the other alone. */
async function pairsByName(
  videos: readonly FoundVideo[],
  clips: readonly PairableClip[],
  {
    pairs,
    taken,
    breathe,
  }: { pairs: readonly (number | null)[]; taken: ReadonlySet<number>; breathe: Breathe },
): Promise<[number, number][]> {
  const index = nameIndex()
  for (const [place, { name, path, contentHash }] of videos.entries()) {
    if (pairs[place] === null && contentHash !== null) {
      index.add({ name, path }, place)
    }
    await breathe()
  }
  const meant = new Map<number, number[]>()
  for (const [clip, { name, path, isThere }] of clips.entries()) {
    const video = taken.has(clip) || (path !== null && isThere) ? null : index.find(name)
    if (typeof video === 'number') {
      meant.set(video, [...(meant.get(video) ?? []), clip])
    }
    await breathe()
  }
  return [...meant].flatMap(([video, candidates]): [number, number][] => {
    const exact = candidates.filter((clip) => clips[clip]!.name === videos[video]!.name)
    const [only, ...others] = exact.length > 0 ? exact : candidates
    return only !== undefined && others.length === 0 ? [[video, only]] : []
  })
}
