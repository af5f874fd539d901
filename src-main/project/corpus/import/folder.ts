/** What a folder holds: which clips of the project it is, parts of videos among them, and what new ones are called. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { nameIndex } from '../../../formats/captions/clip-names.ts'
import { parseNameMapping } from '../../../formats/captions/name-mapping.ts'
import { readText } from '../../../formats/text/text-file.ts'
import { absolutePath, fileHashOf } from '../../../store/index.ts'
import type { ClipMedia, KnownClip } from '../../../store/index.ts'
import { PICTURE_EXTENSIONS } from '../../../media/frame-folder.ts'
import { failures } from '../failures.ts'
import { findVideos, VIDEO_EXTENSIONS } from '../videos.ts'
import type { VideoFile } from '../videos.ts'
import { addKnownParts, findKnownParts } from './known-parts.ts'
import type { ReadVideo } from './media.ts'
import { pairVideos } from './pairing.ts'
import { addSubject, newSubject, readingOf } from './subjects.ts'
import type { Corpus, Findings, KnownClips, Planning } from './subjects.ts'

/**
 * The clips of the folder, each as a clip of the project or a new one; `names` are those that captions use. Throws
 * BAD_INPUT where none can be read.
 */
export async function readFolder(
  planning: Planning,
  { known, names, findings }: { known: KnownClips; names: ReadonlySet<string>; findings: Findings },
): Promise<Corpus> {
  const { request, project, media, breathe } = planning
  const folder = request.videos
  const corpus = newCorpus(folder, known, await readOtherNames(request.names))
  if (folder === null) {
    return corpus
  }
  const { videos, guessed, ofVideos } = await findVideos(
    folder,
    { media: request.media, names, breathe },
    ({ message }) => {
      findings.unreadable.push({ name: folder, message })
    },
  )
  if (videos.length === 0) {
    throw nothingIn(folder, request)
  }
  findings.guessedFrames = guessed
  findings.ofVideos = ofVideos
  corpus.videoNames = videos.map(({ name }) => name)
  const read = await media.read(videos, readingOf(planning, known))
  reportUnreadable(videos, read, findings)
  const pairs = await pairWithKnown(planning, { videos, read, known })
  const paths = new Set(read.map(({ media: facts }) => facts?.path))
  const partsOf = await findKnownParts(known.clips, breathe)
  for (const [place, video] of videos.entries()) {
    corpus.videos.add(video, place)
    const pair = pairs[place]
    const clip = pair == null ? null : known.clips[pair]!
    const facts = read[place]!.media
    if (clip === null && facts === null) {
      corpus.subjectOfVideo.push(null)
      continue
    }
    const isCopy = (of: KnownClip): boolean =>
      facts !== null && isElsewhereToo(of, facts, project.folder, paths)
    const subject = newSubject(clip, clip?.name ?? corpus.newName(video.name), {
      media: clip !== null && isCopy(clip) ? null : facts,
    })
    addSubject(corpus, subject)
    corpus.subjectOfVideo.push(subject)
    if (facts !== null) {
      const parts = partsOf(video.name, facts).filter((part) => !isCopy(part))
      await addKnownParts(planning, { video: subject, facts, parts, known, corpus })
    }
    await breathe()
  }
  return corpus
}

const newCorpus = (
  folder: string | null,
  { names }: KnownClips,
  otherNames: ReadonlyMap<string, string>,
): Corpus => ({
  subjects: [],
  byId: new Map(),
  folder,
  otherNames,
  videos: nameIndex(),
  subjectOfVideo: [],
  videoNames: [],
  parts: new Map(),
  waitingParts: new Map(),
  partsOf: new Map(),
  newName: newNames(folder, names),
})

function nothingIn(folder: string, { media }: Planning['request']) {
  const extensions = {
    videos: [...VIDEO_EXTENSIONS],
    pictures: [...PICTURE_EXTENSIONS],
    frames: [...PICTURE_EXTENSIONS],
    auto: [...VIDEO_EXTENSIONS, ...PICTURE_EXTENSIONS],
  }[media]
  return failures.noVideosInFolder({ folder, extensions: extensions.join(', ') })
}

/** Whether a clip's video still lies where it was, outside of the folder: this one is a copy of it. */
const isElsewhereToo = (
  clip: KnownClip,
  facts: ClipMedia,
  folder: string,
  paths: ReadonlySet<string | null | undefined>,
): boolean =>
  clip.contentHash !== null &&
  fileHashOf(clip.contentHash) === facts.contentHash &&
  clip.path !== null &&
  !paths.has(clip.path) &&
  existsSync(absolutePath(folder, clip.path))

/** Throws BAD_INPUT. */
const readOtherNames = async (path: string | null): Promise<Map<string, string>> =>
  path === null ? new Map() : parseNameMapping(await readText(path), basename(path))

function reportUnreadable(
  videos: readonly VideoFile[],
  read: readonly ReadVideo[],
  findings: Findings,
): void {
  const errors = read.flatMap(({ error }, place) =>
    error === null ? [] : [{ name: videos[place]!.name, error }],
  )
  const [first] = errors
  if (first !== undefined && errors.length === videos.length) {
    throw first.error
  }
  findings.unreadable.push(...errors.map(({ name, error }) => ({ name, message: error.message })))
  findings.damaged = videos.flatMap(({ path }, place) => (read[place]!.damaged ? [path] : []))
}

/** The place among the known clips of the one that each video is. */
async function pairWithKnown(
  { project, breathe }: Planning,
  { videos, read, known }: { videos: readonly VideoFile[]; read: readonly ReadVideo[]; known: KnownClips },
): Promise<(number | null)[]> {
  const found = videos.map(({ name, path }, place) => {
    const { media } = read[place]!
    return { name, path: media?.path ?? path, contentHash: media?.contentHash ?? null }
  })
  const contents = new Set(found.map(({ contentHash }) => contentHash))
  const paths = new Set(found.map(({ path }) => path))
  const clips = []
  const places: number[] = []
  for (const [place, { name, path, contentHash, start }] of known.clips.entries()) {
    // Parts are found by their video.
    if (start !== null && path !== null) {
      continue
    }
    places.push(place)
    // Only where it matters is a file looked for.
    const isThere =
      path !== null &&
      (paths.has(path) ||
        (mayMatter(contents, contentHash) && existsSync(absolutePath(project.folder, path))))
    clips.push({ name, path, contentHash, isThere })
    await breathe()
  }
  // A clip whose name a new video has, too: is its own video gone?
  const index = nameIndex()
  for (const [place, video] of found.entries()) {
    index.add(video, place)
    await breathe()
  }
  for (const clip of clips) {
    if (clip.path !== null && !clip.isThere && index.find(clip.name) !== null) {
      clip.isThere = existsSync(absolutePath(project.folder, clip.path))
    }
    await breathe()
  }
  const pairs = await pairVideos(found, clips, breathe)
  return pairs.map((pair) => (pair === null ? null : places[pair]!))
}

const mayMatter = (contents: ReadonlySet<string | null>, contentHash: string | null): boolean =>
  contentHash !== null && contents.has(contentHash)

/** Gives each new clip a name that no other has: its own, with its folder's where that is taken, or a number. */
function newNames(folder: string | null, taken: ReadonlySet<string>): (name: string) => string {
  const used = new Set(taken)
  return (name) => {
    const inFolder = folder === null ? name : `${basename(folder)}/${name}`
    let free = [name, inFolder].find((candidate) => !used.has(candidate))
    for (let number = 2; free === undefined; number++) {
      const numbered = `${inFolder} (${number})`
      free = used.has(numbered) ? undefined : numbered
    }
    used.add(free)
    return free
  }
}
