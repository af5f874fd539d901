/**
 * Parts of videos. Lines with times are of a part of their clip: each part is a clip of its own, which plays and is
 * seen within its bounds; no file is cut. Where all lines of a clip are of one part that is the whole of its video, or
 * the part of a longer video that was cut out as this file, they are the clip's. Without a video, several parts are
 * clips too, that wait for it.
 */
import { isAboutOneFile } from '../../../common/files/file-errors.ts'
import { cutClipNames, withoutMediaExtension } from '../../../formats/captions/clip-names.ts'
import type { Bounds, ClipMedia } from '../../../store/index.ts'
import { addSubject, newSubject, readingOf, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, MeantClip, Planning, Subject } from './subjects.ts'

/** What lines say of one clip. */
export interface NamedParts {
  /** By `partKey`. */
  parts: Map<string, Bounds>
  /** Some are of all of it. */
  hasWhole: boolean
}

/** The clip of each part, by its video and `partKey`. */
export type PartClips = Map<Subject, Map<string, PartClip>>
/** Null: the part lies beyond the end of the video. */
type PartClip = Exclude<MeantClip, null> | null

/** Parts that are the same to the millisecond are one. */
export const partKey = ({ start, end }: Bounds): string => `${start.toFixed(3)}-${end.toFixed(3)}`

/** Notes the part that a line is of. */
export function notePart(named: NamedParts, bounds: Bounds | null): void {
  if (bounds === null) {
    named.hasWhole = true
  } else {
    named.parts.set(partKey(bounds), bounds)
  }
}

export const noParts = (): NamedParts => ({ parts: new Map(), hasWhole: false })

/** The part of a clip that all its lines are of, where that may be all of the clip. */
export function onlyPart({ parts, hasWhole }: NamedParts): Bounds | null {
  const [only = null] = parts.values()
  return parts.size === 1 && !hasWhole ? only : null
}

/** Makes the clips of parts, and what is to be said of them. */
export async function makeParts(
  planning: Planning,
  named: ReadonlyMap<Subject, NamedParts>,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<PartClips> {
  const clips: PartClips = new Map()
  for (const [video, those] of named) {
    if (those.parts.size > 0 && !isWhole(video, those, findings)) {
      clips.set(video, await partsOfVideo(planning, { video, those, known, corpus, findings }))
    }
    await planning.breathe()
  }
  return clips
}

const USUAL_FPS = 25
/** How much of a video is all of it, and how far a file that was cut out may be off its times. */
const ALL = 0.95
const CUT_OFF = { share: 0.1, seconds: 1 }

/** Whether lines of one part are of all of the clip. */
function isWhole(video: Subject, named: NamedParts, findings: Findings): boolean {
  const facts = mediaOfSubject(video)
  const only = onlyPart(named)
  if (facts?.kind === 'picture') {
    return true
  }
  if (only === null) {
    return false
  }
  if (!isReadable(facts)) {
    return true
  }
  const { duration } = facts
  if (Math.min(only.end, duration) - only.start >= ALL * duration) {
    noteEnd(findings, partName(video.name, only), only, facts)
    return true
  }
  const length = only.end - only.start
  const isCutOut =
    only.end > duration && Math.abs(length - duration) <= Math.max(CUT_OFF.seconds, CUT_OFF.share * duration)
  if (isCutOut || only.start >= duration) {
    findings.wholeByTimes.push(`${video.name} (${secondsOf(only)})`)
    return true
  }
  return false
}

/** Notes a part that ends later than its video, by more than a frame. */
function noteEnd(findings: Findings, name: string, { end }: Bounds, { duration, fps }: ReadableMedia): void {
  if (end > duration + 1 / (fps ?? USUAL_FPS)) {
    findings.cutParts.push(`${name} (of ${duration.toFixed(1)} s)`)
  }
}

/** What is known of a video that can be looked at. */
type ReadableMedia = ClipMedia & { path: string; contentHash: string; duration: number }

const isReadable = (media: ClipMedia | null): media is ReadableMedia =>
  media !== null && media.path !== null && media.contentHash !== null && media.duration !== null

const mediaOfSubject = ({ media, known }: Subject): ClipMedia | null => media ?? known

export const secondsOf = ({ start, end }: Bounds): string =>
  `${Number(start.toFixed(3))}-${Number(end.toFixed(3))} s`

interface PartsOfVideo {
  video: Subject
  those: NamedParts
  known: KnownClips
  corpus: Corpus
  findings: Findings
}

async function partsOfVideo(
  planning: Planning,
  { video, those, known, corpus, findings }: PartsOfVideo,
): Promise<Map<string, PartClip>> {
  const clips = new Map<string, PartClip>()
  const facts = mediaOfSubject(video)
  for (const [key, bounds] of those.parts) {
    const clip = isReadable(facts)
      ? await partOfVideo(planning, { video, facts, bounds, known, corpus, findings })
      : waitingPart(video.name, bounds, { known, corpus })
    clips.set(key, clip)
    await planning.breathe()
  }
  return clips
}

/** A part as it lies within its video; null: it doesn't. */
export function fitPart(
  { start, end }: Bounds,
  { duration, fps }: Pick<ClipMedia, 'duration' | 'fps'>,
): Bounds | null {
  const frame = 1 / (fps ?? USUAL_FPS)
  if (duration === null || start > duration - frame / 2) {
    return null
  }
  const last = Math.min(Math.max(end, start + frame), duration)
  return { start: toMilliseconds(start), end: toMilliseconds(last) }
}

const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000

async function partOfVideo(
  planning: Planning,
  {
    video,
    facts,
    bounds,
    known,
    corpus,
    findings,
  }: Omit<PartsOfVideo, 'those'> & { facts: ReadableMedia; bounds: Bounds },
): Promise<PartClip> {
  const name = partName(video.name, bounds)
  const fitted = fitPart(bounds, facts)
  if (fitted === null) {
    return null
  }
  noteEnd(findings, name, bounds, facts)
  try {
    const part = await planning.media.readPart(facts, fitted, readingOf(planning, known))
    const subject = subjectOfPart(name, part, { known, corpus })
    subject.source = video.source ?? video.name
    addPart(corpus, { video, part: subject })
    return subject
  } catch (error) {
    if (!isAboutOneFile(error)) {
      throw error
    }
    findings.unreadable.push({ name, message: error.message })
    return UNREADABLE
  }
}

/** Notes that a clip is a part of a video. */
export function addPart(corpus: Corpus, { video, part }: Record<'video' | 'part', Subject>): void {
  corpus.parts.set(part.media?.contentHash ?? '', part)
  const those = corpus.partsOf.get(video) ?? []
  if (!those.includes(part)) {
    corpus.partsOf.set(video, [...those, part])
  }
}

/** What a part is called: as if it had been cut out. */
const partName = (video: string, { start, end }: Bounds): string =>
  cutClipNames(withoutMediaExtension(video), toMilliseconds(start), toMilliseconds(end))[0]!

type Clips = Pick<PartsOfVideo, 'known' | 'corpus'>

/** The clip of a part: known by its content, then by its name. */
function subjectOfPart(name: string, part: ClipMedia, { known, corpus }: Clips): Subject {
  const content = part.contentHash ?? ''
  const there = corpus.parts.get(content)
  if (there !== undefined) {
    return there
  }
  const clip = known.byContent.get(content) ?? partByName(name, known)
  const subject = (clip && corpus.byId.get(clip.id)) ?? newSubject(clip, clip?.name ?? corpus.newName(name))
  subject.media = part
  if (clip === null || !corpus.byId.has(clip.id)) {
    addSubject(corpus, subject)
  }
  return subject
}

/** A known clip of this name that is a part, or waits for its video. */
function partByName(name: string, { clips, index }: KnownClips) {
  const place = index.find(name)
  const clip = typeof place === 'number' ? clips[place]! : null
  return clip?.name === name && (clip.path === null || clip.start !== null) ? clip : null
}

/** A part of a clip that has no video yet. */
export function waitingPart(video: string, bounds: Bounds, { known, corpus }: Clips): Subject {
  const name = partName(video, bounds)
  const clip = partByName(name, known)
  const there = corpus.waitingParts.get(name) ?? (clip && corpus.byId.get(clip.id))
  if (there) {
    return there
  }
  const subject = newSubject(clip, clip?.name ?? corpus.newName(name))
  subject.bounds = bounds
  subject.source = video
  corpus.waitingParts.set(name, subject)
  addSubject(corpus, subject)
  return subject
}
