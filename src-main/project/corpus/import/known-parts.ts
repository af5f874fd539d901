/** The parts of videos that a project has, by what shows that they are of a video. */
import type { Breathe } from '../../../common/breather.ts'
import { cutClipNames, nameIndex } from '../../../formats/captions/clip-names.ts'
import { absolutePath, fileHashOf } from '../../../store/index.ts'
import type { Bounds, ClipMedia, KnownClip } from '../../../store/index.ts'
import type { VideoFile } from '../videos.ts'
import { addPart, fitPart } from './parts.ts'
import { addSubject, newSubject, readingOf, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, MeantClip, Planning, Subject } from './subjects.ts'

/** The part of its file that a clip is. */
const boundsOfClip = ({ start, end }: KnownClip): Bounds => ({ start: start ?? 0, end: end ?? 0 })

type PartsOf = (name: string, facts: ClipMedia) => KnownClip[]

/**
 * Finds the parts of a video: those of its content; those where it lies, whatever content they had; and those that
 * wait for a video of its name.
 */
export async function findKnownParts(clips: readonly KnownClip[], breathe: Breathe): Promise<PartsOf> {
  const byKey = new Map<string, KnownClip[]>()
  for (const clip of clips) {
    for (const key of keysOf(clip)) {
      const those = byKey.get(key) ?? []
      those.push(clip)
      byKey.set(key, those)
    }
    await breathe()
  }
  return (name, { path, contentHash }) => [
    ...new Set(
      [`content ${contentHash}`, `path ${path}`, `name ${name}`].flatMap((key) => byKey.get(key) ?? []),
    ),
  ]
}

function keysOf(clip: KnownClip): string[] {
  if (clip.start === null) {
    return []
  }
  if (clip.path === null) {
    const video = videoOfName(clip)
    return video === null ? [] : [`name ${video}`]
  }
  return [
    `path ${clip.path}`,
    ...(clip.contentHash === null ? [] : [`content ${fileHashOf(clip.contentHash)}`]),
  ]
}

/** The video that a part is called after: `v1` of `v1_0_10`. */
function videoOfName(clip: KnownClip): string | null {
  const { start, end } = boundsOfClip(clip)
  const ending = cutClipNames('', start, end).find((name) => clip.name.endsWith(name))
  return ending === undefined ? null : clip.name.slice(0, -ending.length)
}

/** Parts of a video that the project has: they are where it is now, as it is now. */
export async function addKnownParts(
  planning: Planning,
  {
    video,
    facts,
    parts,
    known,
    corpus,
  }: { video: Subject; facts: ClipMedia; parts: readonly KnownClip[]; known: KnownClips; corpus: Corpus },
): Promise<void> {
  for (const clip of parts) {
    const bounds = fitPart(boundsOfClip(clip), facts)
    if (bounds !== null && !corpus.byId.has(clip.id)) {
      const part = await planning.media.readPart(facts, bounds, readingOf(planning, known))
      const subject = newSubject(clip, clip.name, { media: part })
      addSubject(corpus, subject)
      addPart(corpus, { video, part: subject })
    }
  }
}

/**
 * Videos of which the project has parts alone: a name that means no clip may mean one of them. It is read where it
 * lies, as if a folder of videos had it.
 */
export async function addVideosOfParts(
  planning: Planning,
  meant: Map<string, MeantClip>,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
  const names = [...meant].flatMap(([name, clip]) => (clip === null ? [name] : []))
  const videos = names.length === 0 ? [] : videosOfParts(known)
  if (videos.length === 0) {
    return
  }
  const index = nameIndex()
  videos.forEach((video, place) => {
    index.add({ name: video.name }, place)
  })
  const partsOf = await findKnownParts(known.clips, planning.breathe)
  const read = new Map<VideoFile, MeantClip>()
  for (const name of names) {
    const place = index.find(name)
    if (typeof place === 'number') {
      const video = videos[place]!
      const subject =
        read.get(video) ?? (await readVideo(planning, { video, partsOf, known, corpus, findings }))
      read.set(video, subject)
      meant.set(name, subject)
    }
    await planning.breathe()
  }
}

/** The videos of parts, called as these are, with their paths as they are stored. */
function videosOfParts({ clips }: KnownClips): VideoFile[] {
  const byPath = new Map<string, VideoFile>()
  for (const clip of clips) {
    const name = clip.start === null ? null : videoOfName(clip)
    if (name !== null && clip.path !== null && !clip.undone && !byPath.has(clip.path)) {
      byPath.set(clip.path, { name, path: clip.path, kind: clip.kind })
    }
  }
  return [...byPath.values()]
}

async function readVideo(
  planning: Planning,
  {
    video,
    partsOf,
    known,
    corpus,
    findings,
  }: { video: VideoFile; partsOf: PartsOf; known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<MeantClip> {
  const { name } = video
  const file = { ...video, path: absolutePath(planning.project.folder, video.path) }
  const [read] = await planning.media.read([file], readingOf(planning, known))
  const facts = read?.media ?? null
  if (facts === null) {
    findings.unreadable.push({ name, message: read?.error?.message ?? name })
    return UNREADABLE
  }
  const subject = newSubject(null, corpus.newName(name), { media: facts })
  addSubject(corpus, subject)
  await addKnownParts(planning, { video: subject, facts, parts: partsOf(name, facts), known, corpus })
  return subject
}
