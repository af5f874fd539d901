/**
 * Truth over time: a file of what clips show and when, a line each of clip, concept, from and to (seconds), with
 * tabs between them. `vitrine sample` writes one of its clips.
 */
import { basename } from 'node:path'
import { featuresOfFrame } from '../../common/cells.ts'
import { grouped } from '../../common/grouped.ts'
import type { FrameTruth } from '../../engine-host/contract/index.ts'
import { linesOf, readText, shorten, withoutByteOrderMark } from '../../formats/text/text-file.ts'
import type { ClipFeature, OpenProject } from '../../store/index.ts'
import type { ModelWithNeurons } from '../workspace.ts'
import { failures } from './failures.ts'

interface Interval {
  clip: string
  concept: string
  from: number
  to: number
}

export interface TruthOverTime {
  /** Their names, by number. */
  concepts: string[]
  clips: FrameTruth[]
}

/**
 * What the frames of a project's clips show, by a file; clips that it does not name, or that are not in the project,
 * are left out. Throws NOT_FOUND, and BAD_INPUT naming the line at fault, or when it names no clip of the project.
 */
export async function readTruth(
  { store }: OpenProject,
  { featureKey }: ModelWithNeurons,
  path: string,
): Promise<TruthOverTime> {
  const intervals = parseTruth(await readText(path), basename(path))
  const named = [...new Set(intervals.map(({ clip }) => clip))]
  const framed = named.flatMap((name): FramedClip[] => {
    const id = store.clips.byName(name)?.id
    const features = id === undefined ? null : store.features.forClip(featureKey, id)
    return id === undefined || features === null ? [] : [{ id, name, times: timesOf(features) }]
  })
  if (framed.length === 0) {
    throw failures.truthOfOthers({ file: basename(path) })
  }
  return truthOfFrames(intervals, framed)
}

/** Of a clip's features, in seconds: truth knows no places, so what a frame shows counts for each of its cells. */
const timesOf = ({ frameTimes, cells }: ClipFeature): number[] =>
  frameTimes.flatMap((time) => Array.from({ length: featuresOfFrame(cells) }, () => time))

interface FramedClip {
  id: number
  name: string
  /** Of its features, in seconds. */
  times: readonly number[]
}

/** What the frames of clips show. */
export function truthOfFrames(intervals: readonly Interval[], clips: readonly FramedClip[]): TruthOverTime {
  const concepts = [...new Set(intervals.map(({ concept }) => concept))].sort()
  const numberOf = new Map(concepts.map((concept, i) => [concept, i]))
  const intervalsOf = grouped(
    intervals,
    ({ clip }) => clip,
    (interval) => interval,
  )
  const shownAt = (name: string, time: number): number[] =>
    (intervalsOf.get(name) ?? [])
      .filter(({ from, to }) => from <= time && time < to)
      .map(({ concept }) => numberOf.get(concept)!)
  return {
    concepts,
    clips: clips.map(({ id, name, times }) => ({
      id,
      frames: times.map((time) => [...new Set(shownAt(name, time))]),
    })),
  }
}

/** Throws BAD_INPUT naming the line at fault. */
export const parseTruth = (text: string, file: string): Interval[] =>
  [...linesOf(withoutByteOrderMark(text))].map(({ line, text: content }) => {
    const [clip = '', concept = '', from = '', to = '', more] = content.split('\t').map((cell) => cell.trim())
    const interval = { clip, concept, from: Number(from), to: Number(to) }
    const isWhole = clip !== '' && concept !== '' && from !== '' && to !== '' && more === undefined
    if (!isWhole || !Number.isFinite(interval.from) || !(interval.to > interval.from)) {
      throw failures.truthLine({ file, line, text: shorten(content) })
    }
    return interval
  })
