/** The clips that an import has to do with, and how the lines of files find them. */
import type * as z from 'zod'
import type { ClipKind, importRequest, Split } from '#contract'
import type { Breathe } from '../../../common/breather.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type {
  Bounds,
  ClipMedia,
  ImportedCaption,
  KnownCaption,
  KnownClip,
  OpenProject,
} from '../../../store/index.ts'
import { sourceVideo, withoutMediaExtension } from '../../../formats/captions/clip-names.ts'
import type { NameIndex } from '../../../formats/captions/clip-names.ts'
import { failures } from '../failures.ts'
import type { MediaReader, ReadOptions } from './media.ts'

export type Request = z.output<typeof importRequest>

/** A clip that an import has to do with. */
export interface Subject {
  /** Null: it is new. */
  known: KnownClip | null
  name: string
  /** The video that was found for it; null: none was. */
  media: ClipMedia | null
  /** Its lines of the caption file. */
  lines: ImportedCaption[]
  /** Those that it has not; and captions that it has, or that come back. */
  added: readonly ImportedCaption[]
  returning: readonly KnownCaption[]
  kept: readonly KnownCaption[]
  /** Where it goes; of a clip that people have only where it is split anew. */
  split: Split | null
  /** The split that the caption file puts it in. */
  fileSplit: Split | null
  /** The video that it was cut from, as the caption file or its name says; clips of one stay in one split. */
  source: string | null
  /** The part of a video that is not there yet; null: all of it, or its video is there. */
  bounds: Bounds | null
  /** The folder or the caption file names it; else it is only split anew. */
  named: boolean
}

/** A clip with where it is after the import. */
export interface PlacedClip {
  name: string
  split: Split
  content: string
  kind: KindOfClip
}

/** What a clip is, as people count them. */
export type KindOfClip = ClipKind | 'part'

/** Of a clip without media: a video that is not there yet. */
export const kindOf = (media: Pick<ClipMedia, 'kind' | 'start'> | null): KindOfClip =>
  (media?.start ?? null) === null ? (media?.kind ?? 'video') : 'part'

/** What was found on the way that people should hear of. */
export interface Findings {
  captionsFile: string | null
  /** What the caption file was told to be, as a title, and what its places count. */
  captionFormat: string | null
  counts: string
  /** What reading the caption file found. */
  captionNotices: string[]
  splitFile: string | null
  /** Lines of clips that are not there, by the names of these. */
  unmatched: Map<string, number[]>
  unreadable: { name: string; message: string }[]
  /** Folders that are taken for frames by the names of their pictures alone. */
  guessedFrames: string[]
  /** Pictures and folders of frames that are called as a video is, and left out. */
  ofVideos: string[]
  /** Parts that end where their video does; and clips that are taken for the part that they were cut out by. */
  cutParts: string[]
  wholeByTimes: string[]
  /** Lines of parts beyond the end of their video, by these. */
  beyond: Map<string, number[]>
  /** Videos of which some frames are damaged. */
  damaged: string[]
  /** How many lines are of videos that can't be read. */
  unreadableLines: number
  /** Clips that the split file puts elsewhere than they are, and names of it that the project lacks. */
  elsewhere: string[]
  unknownInSplit: string[]
  /** Clips of the same content. */
  sameContent: PlacedClip[][]
  /** How many of the captions that are added are in each language, and the one that the project works in then. */
  languages: ReadonlyMap<string, number>
  working: string | null
}

/** What a plan is made with. */
export interface Planning {
  project: OpenProject
  request: Request
  media: MediaReader
  context: JobContext
  breathe: Breathe
}

/** The clips of a project as an import finds them. */
export interface KnownClips {
  clips: KnownClip[]
  index: Pick<NameIndex, 'find'>
  names: Set<string>
  byContent: Map<string, KnownClip>
}

/** The clips that an import has to do with, and how lines find them. */
export interface Corpus {
  subjects: Subject[]
  /** Other names of clips. */
  otherNames: ReadonlyMap<string, string>
  /** Of the known clips among them, by id. */
  byId: Map<number, Subject>
  folder: string | null
  videos: NameIndex
  /** By place in `videos`; null: the video can't be read, and no clip is known by it. */
  subjectOfVideo: (Subject | null)[]
  /** Parts of videos by their content, those that wait for their video by name, and all by the clip of the video. */
  parts: Map<string, Subject>
  waitingParts: Map<string, Subject>
  partsOf: Map<Subject, Subject[]>
  /** A name that no other clip has, made of one. */
  newName: (name: string) => string
  videoNames: string[]
}

/** How media are read: what is known of a content is not read again. */
export const readingOf = ({ project, context }: Planning, { byContent }: KnownClips): ReadOptions => ({
  folder: project.folder,
  factsOf: (contentHash) => byContent.get(contentHash) ?? null,
  context,
})

export const newSubject = (
  known: KnownClip | null,
  name: string,
  { media = null, named = true }: { media?: ClipMedia | null; named?: boolean } = {},
): Subject => ({
  known,
  name,
  media,
  named,
  lines: [],
  added: [],
  returning: [],
  kept: [],
  split: null,
  fileSplit: null,
  source: sourceVideo(name),
  bounds: null,
})

export function addSubject(corpus: Corpus, subject: Subject): void {
  corpus.subjects.push(subject)
  if (subject.known !== null) {
    corpus.byId.set(subject.known.id, subject)
  }
}

export const UNREADABLE = 'unreadable'

/** The clip that a line of a file means; null: none. */
export type MeantClip = Subject | typeof UNREADABLE | null

/** A name's place among the videos, and else among the known clips; of a name that is of none, that of its other. */
export function placeOf(
  clip: string,
  known: KnownClips,
  corpus: Corpus,
): Record<'video' | 'place', ReturnType<NameIndex['find']>> {
  const video = corpus.videos.find(clip)
  const place = video ?? known.index.find(clip)
  const other = corpus.otherNames.get(clip) ?? corpus.otherNames.get(withoutMediaExtension(clip))
  if (place !== null || other === undefined) {
    return { video, place }
  }
  const otherVideo = corpus.videos.find(other)
  return { video: otherVideo, place: otherVideo ?? known.index.find(other) }
}

/** Finds clips in the folder, or else in the project. */
export function subjectFinder(
  known: KnownClips,
  corpus: Corpus,
  { named }: { named: boolean },
): (clip: string, at: { file: string; place: string }) => MeantClip {
  return (clip, at) => {
    const { video, place } = placeOf(clip, known, corpus)
    if (place === 'ambiguous') {
      throw failures.clipAmbiguous({ ...at, clip })
    }
    if (place === null || video !== null) {
      return place === null ? null : (corpus.subjectOfVideo[place] ?? UNREADABLE)
    }
    const there = known.clips[place]!
    const subject = corpus.byId.get(there.id) ?? newSubject(there, there.name, { named })
    if (!corpus.byId.has(there.id)) {
      addSubject(corpus, subject)
    }
    return subject
  }
}

/** Whether people don't have the clip before the import: it is new, or comes back with it. */
export const isNew = ({ known }: Subject): boolean => known === null || known.undone

/** Whether people see the clip after the import. */
export const isPresent = ({ known }: Subject): boolean => known?.removed !== true

export const contentOf = ({ media, known }: Subject): string | null => (media ?? known)?.contentHash ?? null

/** Where a clip is after the import. */
export const splitAfter = ({ split, known }: Subject): Split => split ?? known?.split ?? 'train'
