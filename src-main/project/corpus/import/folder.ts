/** The videos of a folder: which clips of the project they are, and what the new ones are called. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { absolutePath } from '../../../store/index.ts'
import type { ClipMedia, KnownClip } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { clipIndex, findVideos, VIDEO_EXTENSIONS } from '../videos.ts'
import type { VideoFile } from '../videos.ts'
import type { ReadVideo } from './media.ts'
import { pairVideos } from './pairing.ts'
import { addSubject, newSubject } from './subjects.ts'
import type { Corpus, Findings, KnownClips, Planning } from './subjects.ts'

/** The videos of the folder, each as a clip of the project or a new one. Throws BAD_INPUT where none can be read. */
export async function readFolder(planning: Planning, known: KnownClips, findings: Findings): Promise<Corpus> {
  const { request, project, media, context, breathe } = planning
  const folder = request.videos
  const corpus: Corpus = {
    subjects: [],
    byId: new Map(),
    folder,
    videos: clipIndex(),
    subjectOfVideo: [],
    videoNames: [],
  }
  if (folder === null) {
    return corpus
  }
  const videos = await findVideos(folder, ({ message }) => {
    findings.unreadable.push({ name: folder, message })
  })
  if (videos.length === 0) {
    throw failures.noVideosInFolder({ folder, extensions: [...VIDEO_EXTENSIONS].join(', ') })
  }
  corpus.videoNames = videos.map(({ name }) => name)
  const read = await media.read(videos, {
    folder: project.folder,
    factsOf: (contentHash) => known.byContent.get(contentHash) ?? null,
    context,
  })
  reportUnreadable(videos, read, findings)
  const pairs = await pairWithKnown(planning, { videos, read, known })
  const names = newNames(folder, known.names)
  const paths = new Set(read.map(({ media: facts }) => facts?.path))
  for (const [place, video] of videos.entries()) {
    corpus.videos.add(video, place)
    const pair = pairs[place]
    const clip = pair == null ? null : known.clips[pair]!
    const facts = read[place]!.media
    if (clip === null && facts === null) {
      corpus.subjectOfVideo.push(null)
      continue
    }
    const isCopy = clip !== null && facts !== null && isElsewhereToo(clip, facts, project.folder, paths)
    const subject = newSubject(clip, clip?.name ?? names(video.name), { media: isCopy ? null : facts })
    addSubject(corpus, subject)
    corpus.subjectOfVideo.push(subject)
    await breathe()
  }
  return corpus
}

/** Whether a clip's video still lies where it was, outside of the folder: this one is a copy of it. */
const isElsewhereToo = (
  clip: KnownClip,
  facts: ClipMedia,
  folder: string,
  paths: ReadonlySet<string | null | undefined>,
): boolean =>
  clip.contentHash === facts.contentHash &&
  clip.path !== null &&
  !paths.has(clip.path) &&
  existsSync(absolutePath(folder, clip.path))

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
  for (const { name, path, contentHash } of known.clips) {
    // Only where it matters is a file looked for.
    const isThere =
      path !== null &&
      (paths.has(path) ||
        (mayMatter(contents, contentHash) && existsSync(absolutePath(project.folder, path))))
    clips.push({ name, path, contentHash, isThere })
    await breathe()
  }
  // A clip whose name a new video has, too: is its own video gone?
  const index = clipIndex()
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
  return pairVideos(found, clips, breathe)
}

const mayMatter = (contents: ReadonlySet<string | null>, contentHash: string | null): boolean =>
  contentHash !== null && contents.has(contentHash)

/** Gives each new clip a name that no other has: its own, with its folder's where that is taken, or a number. */
function newNames(folder: string, taken: ReadonlySet<string>): (name: string) => string {
  const used = new Set(taken)
  return (name) => {
    const inFolder = `${basename(folder)}/${name}`
    let free = [name, inFolder].find((candidate) => !used.has(candidate))
    for (let number = 2; free === undefined; number++) {
      const numbered = `${inFolder} (${number})`
      free = used.has(numbered) ? undefined : numbered
    }
    used.add(free)
    return free
  }
}
