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

/** The place among `clips` of the clip that each video is; null: none of them. */
export async function pairVideos(
  videos: readonly FoundVideo[],
  clips: readonly PairableClip[],
  breathe: Breathe,
): Promise<(number | null)[]> {
  const pairs = videos.map((): number | null => null)
  const taken = new Set<number>()
  const pair = (video: number, clip: number): void => {
    pairs[video] = clip
    taken.add(clip)
  }
  const byPath = new Map<string, number>()
  const byContent = new Map<string, number[]>()
  for (const [place, { path, contentHash }] of clips.entries()) {
    if (path !== null) {
      byPath.set(path, place)
    }
    if (contentHash !== null) {
      const others = byContent.get(contentHash)
      if (others === undefined) {
        byContent.set(contentHash, [place])
      } else {
        others.push(place)
      }
    }
    await breathe()
  }

  // Where it was, as it was.
  for (const [place, { path, contentHash }] of videos.entries()) {
    const clip = byPath.get(path)
    if (clip !== undefined && contentHash !== null && clips[clip]!.contentHash === contentHash) {
      pair(place, clip)
    }
    await breathe()
  }
  // The same content elsewhere: rather a clip whose own file is gone, and one of the same file name.
  for (const [place, { path, contentHash }] of videos.entries()) {
    if (pairs[place] !== null || contentHash === null) {
      continue
    }
    const candidates = (byContent.get(contentHash) ?? []).filter((clip) => !taken.has(clip))
    const rank = (clip: number): number =>
      Number(clips[clip]!.isThere) * 2 + Number(basename(clips[clip]!.path ?? '') !== basename(path))
    const [best] = candidates.sort((a, b) => rank(a) - rank(b) || a - b)
    if (best !== undefined) {
      pair(place, best)
    }
    await breathe()
  }
  // Another content where it was.
  for (const [place, { path }] of videos.entries()) {
    const clip = byPath.get(path)
    if (pairs[place] === null && clip !== undefined && !taken.has(clip)) {
      pair(place, clip)
    }
  }
  for (const [video, clip] of await pairsByName(videos, clips, { pairs, taken, breathe })) {
    pair(video, clip)
  }
  return pairs
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
